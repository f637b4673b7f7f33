"""The figures of a text: numbers in digits and in words, per cents, months, days, currencies, in Arabic and English.

"640 million", «٦٤٠ مليون» and "640,000,000" are one figure; "500,000" and "1,500,000" are two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.text import folded

_UNITS = {
    **{word: n for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split())},
    **{word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)},
}  # fmt: skip
_SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "hundreds": 100, "thousands": 10**3, "millions": 10**6, "billions": 10**9, "trillions": 10**12,
    "mln": 10**6, "bn": 10**9, "m": 10**6,
}  # fmt: skip
_ORDINALS = {
    **{word: n for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(), 1)},
    "thirtieth": 30, "hundredth": 100, "once": 1, "twice": 2,
}  # fmt: skip
_FRACTIONS = {"half": "0.5", "quarter": "0.25", "نصف": "0.5", "ربع": "0.25", "ثلث": "1/3", "ثلثي": "2/3", "ثلثا": "2/3"}


def _forms(table: dict[str, int]) -> dict[str, int]:
    return {folded(word): value for words, value in table.items() for word in words.split()}


_ARABIC = _forms({
    "صفر": 0, "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي": 2, "ثلاث ثلاثة": 3, "أربع أربعة": 4, "خمس خمسة": 5,
    "ست ستة": 6, "سبع سبعة": 7, "ثمان ثماني ثمانية": 8, "تسع تسعة": 9, "عشر عشرة": 10, "عشرون عشرين": 20,
    "ثلاثون ثلاثين": 30, "أربعون أربعين": 40, "خمسون خمسين": 50, "ستون ستين": 60, "سبعون سبعين": 70,
    "ثمانون ثمانين": 80, "تسعون تسعين": 90, "مئة مائة": 100, "مئتان مئتين مائتان مائتين مئتا مئتي مائتا مائتي": 200,
    "ثلاثمئة ثلاثمائة": 300, "أربعمئة أربعمائة": 400, "خمسمئة خمسمائة": 500, "ستمئة ستمائة": 600,
    "سبعمئة سبعمائة": 700, "ثمانمئة ثمانمائة ثمانيمئة": 800, "تسعمئة تسعمائة": 900,
})  # fmt: skip
_ARABIC_SCALES = _forms({
    "ألف آلاف ألفا الاف ألفًا": 10**3, "مليون ملايين مليونا": 10**6, "مليار مليارات بليون": 10**9,
    "تريليون تريليونات": 10**12,
})  # fmt: skip
_ELEVEN = frozenset(folded(word) for word in "أحد إحدى حادي حادية".split())
# Words that are a scale twice over: «ألفين», «مليونا لوم»; behind a number «ألفا» and «مليونا» are the scale itself.
_ARABIC_DUALS = _forms({
    "ألفان ألفين ألفي ألفا": 2_000, "مليونان مليونين مليوني مليونا": 2_000_000, "ملياران مليارين ملياري": 2 * 10**9,
})  # fmt: skip
_TWO = frozenset(
    folded(word)
    for word in "شهران شهرين عامان عامين سنتان سنتين يومان يومين أسبوعان أسبوعين ساعتان ساعتين دقيقتان دقيقتين مرتان "
    "مرتين شخصان شخصين هدفان هدفين دولتان دولتين بلدان بلدين طرفان طرفين قتيلان قتيلين رجلان رجلين امرأتان امرأتين "
    "طفلان طفلين جنديان جنديين شركتان شركتين سيارتان سيارتين كلا كلتا".split()
)
_ARABIC_ORDINALS = _forms({
    "الأول الأولى أول أولى": 1, "الثاني الثانية ثاني ثانية": 2, "الثالث الثالثة ثالث ثالثة": 3,
    "الرابع الرابعة رابع رابعة": 4, "الخامس الخامسة خامس خامسة": 5, "السادس السادسة سادس سادسة": 6,
    "السابع السابعة سابع سابعة": 7, "الثامن الثامنة ثامن ثامنة": 8, "التاسع التاسعة تاسع تاسعة": 9,
    "العاشر العاشرة عاشر عاشرة": 10,
})  # fmt: skip
_MONTHS = {folded(word): number for number, words in enumerate((
    "january jan يناير جانفي", "february feb فبراير شباط فيفري", "march مارس آذار", "april أبريل إبريل نيسان أفريل",
    "may مايو أيار ماي", "june يونيو حزيران جوان", "july يوليو تموز جويلية", "august أغسطس آب أوت",
    "september sept سبتمبر أيلول", "october oct أكتوبر", "november nov نوفمبر", "december dec ديسمبر",
), 1) for word in words.split()}  # fmt: skip
_MONTH_PAIRS = {("كانون", "الثاني"): 1, ("تشرين", "الاول"): 10, ("تشرين", "الثاني"): 11, ("كانون", "الاول"): 12}
_DAYS = {folded(word): number for number, words in enumerate((
    "monday الاثنين الإثنين", "tuesday الثلاثاء", "wednesday الأربعاء", "thursday الخميس", "friday الجمعة",
    "saturday السبت", "sunday الأحد",
)) for word in words.split()}  # fmt: skip
_CURRENCIES = {folded(word): name for name, words in {
    "usd": "$ dollar dollars usd دولار دولارات دولارا", "eur": "€ euro euros eur يورو",
    "gbp": "£ pound pounds sterling gbp جنيه جنيها جنيهات", "jpy": "¥ yen jpy ين", "cny": "yuan cny يوان",
    "sar": "riyal riyals sar ريال ريالا ريالات", "aed": "dirham dirhams aed درهم درهما دراهم",
    "dinar": "dinar dinars دينار دينارا دنانير", "try": "lira liras ليرة ليرات", "rub": "rouble roubles ruble rubles روبل",
    "inr": "rupee rupees روبية روبيات", "lume": "lume lumes لوم",
}.items() for word in words.split()}  # fmt: skip

_PERCENT = frozenset({
    ("%",), ("percent",), ("pct",), ("بالمئه",), ("بالمايه",), ("بالميه",), ("per", "cent"), ("percentage", "points"),
    ("في", "المئه"), ("في", "المايه"), ("في", "الميه"),
})  # fmt: skip

_NUMBER = r"\d+(?:[.,]\d+)*"
_TOKEN = re.compile(rf"[$€£¥%]|{_NUMBER}(?:st|nd|rd|th)?|[^\W\d_]+")
_LATIN_YEAR = re.compile(r"(?:1[0-9]|20)\d\d")
_SPACED = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))")  # 1 500 000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: kind ("number", "month", "day", "currency") and value; `percent` says that a mark of it follows."""

    kind: str
    value: Decimal | str
    percent: bool = False
    words: str = ""


def figures(text: str) -> list[Figure]:
    """The figures of a text, in order. "one" and «واحد» are words of too many uses to be figures."""
    tokens = _TOKEN.findall(_SPACED.sub("", folded(text)))
    capital_may = re.search(r"\bMay\b", text) is not None
    return list(_read(tokens, capital_may))


def missing(statement: str, quotes: Sequence[str]) -> list[str]:
    """The figures of a statement that do not stand in its quotes, as they are written in it."""
    held = [figure for quote in quotes for figure in figures(quote)]
    values = {(figure.kind, figure.value) for figure in held}
    in_percent = {figure.value for figure in held if figure.percent}
    bare = {figure.value for figure in held if figure.kind == "number" and not figure.percent}
    duals = any(token in _TWO or token.endswith(("تين", "تان")) for quote in quotes for token in folded(quote).split())
    any_percent = bool(in_percent)
    faults = []
    for figure in figures(statement):
        if (figure.kind, figure.value) not in values:
            if not (figure.value == 2 and duals):
                faults.append(figure.words)
        elif figure.percent and not any_percent:
            faults.append(f"{figure.words} %")
        elif figure.kind == "number" and not figure.percent and figure.value not in bare and "%" not in statement:
            if not any(one.percent for one in figures(statement)):
                faults.append(figure.words)
    return list(dict.fromkeys(faults))


def goes_on(after: str) -> bool:
    """Whether a folded text that stands behind a number makes it larger: " million", « الف»."""
    match = re.match(r"[ -]([^\W\d_]+)", after)
    word = match.group(1) if match else ""
    return word in _SCALES or word in _ARABIC_SCALES or word in _ARABIC_DUALS


def _read(tokens: Sequence[str], capital_may: bool) -> Iterator[Figure]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        bare = _without_clitic(token)
        pair = (bare, tokens[place + 1]) if place + 1 < len(tokens) else ("", "")
        if pair in _MONTH_PAIRS:
            yield Figure("month", str(_MONTH_PAIRS[pair]), words=" ".join(pair))
            place += 2
            continue
        value, used = _number(tokens, place)
        if used:
            words = " ".join(tokens[place : place + used])
            marked = _percent(tokens, place + used)
            yield Figure("number", value, percent=marked > 0, words=words)
            place += used + marked
            continue
        if bare in _MONTHS and (bare != "may" or capital_may):
            yield Figure("month", str(_MONTHS[bare]), words=token)
        elif bare in _DAYS:
            yield Figure("day", str(_DAYS[bare]), words=token)
        elif bare in _CURRENCIES:
            yield Figure("currency", _CURRENCIES[bare], words=token)
        place += 1


def _percent(tokens: Sequence[str], place: int) -> int:
    """How many tokens here say "per cent"."""
    following = tuple(tokens[place : place + 2])
    if following in _PERCENT:
        return 2
    return 1 if following[:1] in _PERCENT else 0


def _without_clitic(token: str) -> str:
    """An Arabic word without «و», «ف», «ب», «ل» before it, where that makes it one that is known."""
    known = (_ARABIC, _ELEVEN, _ARABIC_SCALES, _ARABIC_DUALS, _ARABIC_ORDINALS, _MONTHS, _DAYS, _CURRENCIES, _FRACTIONS)
    if any(token in table for table in known) or not "\u0600" <= token[:1] <= "\u06ff":
        return token
    for prefix in ("و", "ف", "ب", "ل", "ال", "وال", "بال", "وب", "ول", "لل"):
        rest = token.removeprefix(prefix)
        if rest != token and (rest in _DAYS or any(rest in table for table in known)):
            return rest
        if rest != token and prefix in ("لل",) and any(f"ال{rest}" in table for table in known):
            return f"ال{rest}"
    return token


def _digits(token: str) -> Decimal | None:
    """The value of a number in digits: commas and points group thousands or begin a fraction, as they stand."""
    token = re.sub("(?:st|nd|rd|th)$", "", token)
    if not re.fullmatch(_NUMBER, token):
        return None
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", token):
        return Decimal(token.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", token):
        return Decimal(token.replace(".", ""))
    if token.count(".") + token.count(",") > 1:  # a date or a version: its digits, as they stand
        return Decimal(re.sub("[.,]", "", token) + "00000")
    return Decimal(token.replace(",", ".")).normalize()


def _number(tokens: Sequence[str], start: int) -> tuple[Decimal, int]:
    """The number that begins here and how many tokens it is; 0 tokens for none."""
    total, group, place = Decimal(0), Decimal(-1), start
    while place < len(tokens):
        token = _without_clitic(tokens[place])
        digits = _digits(token)
        joined = place > start and tokens[place].startswith("و") and token != tokens[place]
        if digits is not None:
            if group >= 0 or place > start:
                break
            group = digits
        elif token in _FRACTIONS and place == start:
            return Decimal(str(_fraction(_FRACTIONS[token]))), 1
        elif (ordinal := _ORDINALS.get(token, _ARABIC_ORDINALS.get(token))) is not None:
            if place == start:
                return Decimal(ordinal), 1
            if token in _ORDINALS and 0 < group and group % 10 == 0 and ordinal < 10:
                return total + group + ordinal, place + 1 - start
            break
        elif token in _ELEVEN and tokens[place + 1 : place + 2] in (["عشر"], ["عشره"]) and group < 0:
            group, place = Decimal(11), place + 1
        elif token in _UNITS or token in _ARABIC:
            value = _UNITS.get(token, _ARABIC.get(token, 0))
            if token == "one" and not (group >= 20 or _scale(tokens, place + 1)):
                break
            if group >= 0 and not _may_follow(group, value, joined, token):
                break
            group = max(group, Decimal(0)) + value
        elif token in _ARABIC_DUALS and (place == start or joined):
            total, group = total + max(group, Decimal(0)) + _ARABIC_DUALS[token], Decimal(-1)
        elif token in _SCALES or token in _ARABIC_SCALES:
            scale = _SCALES.get(token, _ARABIC_SCALES.get(token, 1))
            if token == "m" and place == start:
                break
            if group < 0 and (token.endswith("s") or place > start or token in ("الاف", "ملايين", "مليارات")):
                break  # "thousands of", «آلاف»: no figure
            if token == "hundred":
                group = max(group, Decimal(1)) * 100
            else:
                total, group = total + (group if group >= 0 else Decimal(1)) * scale, Decimal(-1)
        elif token in ("and", "و") and place > start and _scale_word(tokens[place - 1]) and _counts(tokens, place + 1):
            pass
        else:
            break
        place += 1
    if place == start:
        return Decimal(0), 0
    return (total + max(group, Decimal(0))).normalize(), place - start


def _fraction(text: str) -> Decimal:
    over, _, under = text.partition("/")
    return Decimal(over) / Decimal(under) if under else Decimal(over)


def _may_follow(group: Decimal, value: int, joined: bool, token: str) -> bool:
    """Whether a number word goes on with the number before it: "forty two", «خمسة وأربعون», «ثلاثة عشر»."""
    if token in _UNITS:
        return (group % 100 == 0 and group > 0) or (group % 10 == 0 and 20 <= group % 100 and value < 10)
    if value == 10 and token in ("عشر", "عشره"):
        return 0 < group % 100 < 10
    return joined or (value == 100 and 3 <= group <= 9)


def _scale(tokens: Sequence[str], place: int) -> bool:
    return place < len(tokens) and _scale_word(tokens[place])


def _scale_word(token: str) -> bool:
    return token in _SCALES or _without_clitic(token) in _ARABIC_SCALES


def _counts(tokens: Sequence[str], place: int) -> bool:
    if place >= len(tokens):
        return False
    token = _without_clitic(tokens[place])
    return token in _UNITS or token in _ARABIC
