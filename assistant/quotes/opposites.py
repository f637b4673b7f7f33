"""Words that say the other way round: rose and fell, won and lost, «ارتفع» and «انخفض»."""

import functools
import itertools
import re
from collections.abc import Collection, Sequence

from ingest.text import folded
from ingest.text import words as words_of

_PAIRS = (
    ("win wins won winning beat beats victory", "lose loses lost losing beaten",
     "فاز يفوز تفوز فوز انتصر انتصار", "خسر يخسر تخسر خسارة انهزم هزيمة"),
    ("rise rises rising rose risen increase increases increased increasing climb climbed climbs grew grow grows "
    "grown growing "
     "jump jumped surge surged soar soared gained up higher raise raises raised raising",
     "fall falls falling fell fallen decrease decreases decreased decline declines declining drop drops dropped "
     "dropping "
     "shrank shrink shrunk plunge plunged slump slumped down lower lowers lowered lowering cut cuts "
     "cutting reduce reduces reduced reducing",
     "ارتفع ارتفاع يرتفع ترتفع زاد يزيد تزيد زيادة ازداد ازدياد صعد صعود نما نمت ينمو تنمو نمو قفز رفع يرفع ترفع",
     "انخفض انخفاض ينخفض تنخفض تراجع يتراجع تتراجع هبط هبوط يهبط تهبط تقلص يتقلص تتقلص تدنى "
     "خفض يخفض تخفض"),
    ("approve approves approved approving approval accept accepts accepted accepting endorse endorsed adopt "
    "adopts adopted "
     "passed ratified agreed",
     "reject rejects rejected rejecting rejection veto vetoed refuse refuses refused refusing refusal declined",
     "وافق يوافق توافق موافقة قبلت قبلوا يقبل تقبل قبول أقر إقرار أيد يؤيد تؤيد تأييد اعتمد",
     "رفض يرفض ترفض رافضا رافضة رافضين"),
    ("open opens opened opening reopen reopens reopened", "close closes closed closing shut shuts",
     "فتح يفتح تفتح افتتح افتتاح مفتوح مفتوحة", "أغلق يغلق تغلق إغلاق مغلق مغلقة"),
    ("confirm confirms confirmed confirming admit admits admitted acknowledge acknowledged",
     "deny denies denied denying denial", "أكد يؤكد تؤكد اعترف اعتراف", "نفى ينفي تنفي نفي أنكر ينكر تنكر"),
    ("begin begins began begun start starts started starting", "end ends ended ending finish finished stop "
    "stops stopped",
     "بدأ يبدأ تبدأ بداية انطلق", "انتهى ينتهي تنتهي نهاية انتهاء توقف يتوقف تتوقف"),
    ("arrive arrives arrived arrival enter entered enters", "leave leaves left depart departed departs departure",
     "وصل يصل تصل وصول دخل يدخل تدخل", "غادر يغادر تغادر مغادرة رحل"),
    ("buy buys bought buying purchase purchased", "sell sells sold selling sale",
     "اشترى يشتري تشتري شراء", "باع يبيع تبيع بيع"),
    ("arrest arrests arrested detained jailed", "release releases released freed",
     "اعتقل يعتقل تعتقل اعتقال أوقف احتجز", "أفرج يفرج تفرج إفراج أطلق"),
    ("survive survives survived survivor alive", "die dies died dead killed kills kill",
     "نجا ينجو تنجو نجاة", "مات توفي توفيت قتل قتلت مقتل مصرع لقي"),
    ("support supports supported supporting favour favor", "oppose opposes opposed opposing opposition",
     "دعم يدعم تدعم أيد يؤيد تأييد", "عارض يعارض تعارض معارضة"),
    ("guilty convicted", "innocent acquitted", "أدان أدانت يدين تدين تدن يدن مدان مذنب إدانة",
     "برأ برأت بريء براءة تبرئة"),
    ("allow allows allowed allowing permit permits permitted", "ban bans banned banning prohibit prohibits "
    "prohibited forbid "
     "forbids forbade", "سمح يسمح تسمح أجاز إجازة", "منع يمنع تمنع حظر يحظر تحظر"),
    ("succeed succeeds succeeded success successful", "fail fails failed failure", "نجح ينجح تنجح نجاح",
     "فشل يفشل تفشل أخفق إخفاق"),
    ("north northern", "south southern", "شمال شمالي شمالية", "جنوب جنوبي جنوبية"),
    ("east eastern", "west western", "شرق شرقي شرقية", "غرب غربي غربية"),
    ("import imports imported", "export exports exported", "استورد يستورد تستورد استيراد واردات",
     "صدر تصدير صادرات"),
    ("more", "less fewer", "أكثر", "أقل"),
    ("best", "worst", "أفضل", "أسوأ"),
    ("highest largest biggest", "lowest smallest", "أعلى أكبر", "أدنى أصغر"),
    ("before", "after", "قبل", "بعد"),
    ("hire hires hired hiring recruit recruits recruited", "laid layoff layoffs dismissed fired sack "
    "sacks sacked sacking",
     "وظف يوظف توظف توظيف", "سرح يسرح تسرح تسريح"),
    ("widen widens widened widening", "narrow narrows narrowed narrowing shrink shrinks shrank shrunk",
     "اتسع يتسع تتسع اتساع", "تقلص يتقلص تتقلص انكمش ينكمش تنكمش انخفض ينخفض تنخفض"),
    ("uphold upholds upheld upholding", "overturn overturns overturned overturning quash quashed annul annulled",
     "أيد يؤيد تؤيد", "ألغى ألغت نقض ينقض تنقض أبطل"),
    ("welcome welcomes welcomed welcoming praise praised", "criticise criticises criticised criticising criticize "
    "criticizes criticized criticizing condemn condemns condemned",
     "رحب يرحب ترحب ترحيب أشاد", "انتقد ينتقد تنتقد انتقاد ندد"),
    ("advance advances advanced advancing", "withdraw withdraws withdrew withdrawn withdrawing withdrawal retreat "
    "retreats retreated",
     "تقدم يتقدم تتقدم", "انسحب ينسحب تنسحب انسحاب تقهقر"),
    ("many", "few", "كثير كثيرون كثيرين كثيرة معظم غالبية", "قليل قليلون قليلين قليلة قلة"),
    ("man men", "woman women", "رجل رجال", "امرأة نساء"),
    ("morning", "evening night", "صباح صباحا", "مساء ليلا"),
)  # fmt: skip
_LOOSE = frozenset({"approve", "arrive", "arrest", "survive", "confirm", "buy", "best", "highest"})
"""The first words of pairs whose sides are of several meanings: who "died" was not "killed"."""
_A_FEW = frozenset("a the these past last next first every".split())
_CONTEST = 0  # the pair of winning and losing: of whom it is said decides, see `assistant.quotes.contests`
_NEEDS_THE_SAME_BEHIND = {"before", "after", "قبل", "بعد", "more", "less", "fewer", "اكثر", "اقل"}
_UN = re.compile(r"^(?:un|in|im|il|ir|dis|non)(?=\w{4,})")
_NOT = re.compile(r"\b(?:un|in|il|im|ir)-?(?P<bare>\w{4,})", re.I)
_SUFFIX = r"(?:ت|وا|ا|ه|ات|ون|ين|نا|تا)?"
_PREFIX = r"(?:[وف]?(?:ال|بال|لل|س|ب|ل)?)"


def opposed(statement: Sequence[Sequence[str]], quotes: Sequence[Sequence[str]]) -> str:
    """How a statement says the opposite of its quotes by one word; empty if it does not.

    Args:
        statement: the folded words of each of its clauses, in order, without those that deny.
        quotes: the same of the quotes.
    """
    mine, held = ({word for words in clauses for word in words} for clauses in (statement, quotes))
    own, there = _sides(statement, mine & held), _sides(quotes, mine & held)
    for pair, side in own:
        if pair != _CONTEST and (pair, -side) in there and (pair, side) not in there and (pair, -side) not in own:
            said, quoted = own[pair, side], there[pair, -side]
            if _alike(said, quoted):
                return f"it says {said[0]!r} where its quotes say {quoted[0]!r}"
    for word in (word for words in statement for word in words):
        for other in held - {word}:
            if (_UN.sub("", other) == word and word not in held) or (
                _UN.sub("", word) == other and word != other and word not in held
            ):
                return f"it says {word!r} where its quotes say {other!r}"
    return ""


def spelled_out(text: str, others: Sequence[str]) -> str:
    """A text in which "unhurt" and "illegal" are "not hurt" and "not legal" where only that word is in the others."""
    if not _NOT.search(text):
        return text
    held = {word for other in others for word in words_of(other)}

    def spell(match: re.Match[str]) -> str:
        whole, bare = folded(match.group()), folded(match["bare"])
        return f"not {bare}" if bare in held and whole not in held else match.group()

    return _NOT.sub(spell, text)


def senses(text: str) -> frozenset[tuple[int, int]]:
    """What the words of a text say, where other words say the same: "eased" and "slowed" are of one sense."""
    strict = (place for place, (up, *_) in enumerate(_PAIRS) if up.split()[0] not in _LOOSE)
    return frozenset(side for word in words_of(text) for side in _side(word)).intersection(
        itertools.product(strict, (1, -1))
    )


def counterpart(denied: Sequence[str], quotes: Sequence[Sequence[str]]) -> bool:
    """Whether the quotes say in one word what a clause denies of the other: "rejected" of "did not approve"."""
    there = _sides(quotes)
    return any((pair, -side) in there and (pair, side) not in there for pair, side in _sides([denied]))


def _alike(said: tuple[str, str], quoted: tuple[str, str]) -> bool:
    """Whether the two stand in the like place; only "before" and "after" and their kind need it."""
    return said[0] not in _NEEDS_THE_SAME_BEHIND or said[1] == quoted[1]


def _sides(
    clauses: Sequence[Sequence[str]], common: Collection[str] = frozenset()
) -> dict[tuple[int, int], tuple[str, str]]:
    """The pairs of which a text has a word, which side of them, 1 or -1, the word and the one behind it.

    Words in `common` tell nothing: the growth of a forecast that was lowered is no rise.
    """
    found: dict[tuple[int, int], tuple[str, str]] = {}
    for words in clauses:
        for place, word in enumerate(words):
            if word in common or (word == "few" and place and words[place - 1] in _A_FEW):
                continue
            for pair, side in _side(word):
                found.setdefault((pair, side), (word, words[place + 1] if place + 1 < len(words) else ""))
    return found


@functools.lru_cache(maxsize=20_000)
def _side(word: str) -> tuple[tuple[int, int], ...]:
    return tuple((pair, side) for pair, side, pattern in _patterns() if pattern.fullmatch(word))


@functools.cache
def _patterns() -> tuple[tuple[int, int, re.Pattern[str]], ...]:
    made = []
    for number, (up, down, up_arabic, down_arabic) in enumerate(_PAIRS):
        for side, latin, arabic in ((1, up, up_arabic), (-1, down, down_arabic)):
            english = "|".join(latin.split())
            own = "|".join(folded(arabic).split())
            made.append((number, side, re.compile(rf"{english}|{_PREFIX}(?:{own}){_SUFFIX}")))
    return tuple(made)
