"""The closed classes of words that questions are made of, in English, in standard Arabic and in its dialects.

All are folded. They are read in questions only: an archive's terms are made without them, so a class may grow and no
archive has to be indexed again.
"""

import re
from collections.abc import Set
from typing import NamedTuple

from ingest.language import folded, terms, words

_STANDARD = frozenset("متي اين كيف كم لماذا من ما ماذا هل لمن باي اي بكم لكم لاي ايهما ايهم".split())
_DIALECT = frozenset(
    # Egyptian, Levantine, of the Gulf and of Iraq, Maghrebi; English as it is typed. «ايه» is with `_WHAT`.
    """
    ليه مين فين منين امتي ازاي كام بكام لمين انهي
    شو ليش وين ايمتي ايمت قديش اديش قديه اديه بشو لشو
    وش ويش وشو ايش بايش منو منهو شنو شنهو شكثر شقد شكد اشكد شلون شوكت بيش
    اش اشنو شنوه واش شكون اشكون علاش علاه كيفاش شحال قداش وقتاش فوقاش
    whats whos hows wheres whens
    """.split()
)
_FILLERS = frozenset(
    # None that names something too: «طيب» (Erdoğan), «طب» (medicine), «كمان» (violin), «دول» (countries), «حق» (right).
    """
    اللي ده هاد هدا هادا هيدا هيدي هذول هدول بتاع بتاعه بتاعها بتاعهم تبعه تبعها تبعهم تبعهن ديال دياله ديالها ديالهم
    عشان علشان مشان مش اكو ماكو مفيش هلا هلق هسه هسا هالحين الحين دلوقتي دلوقت برضه برضو بس ايوه ايوا please pls tho
    """.split()
)
_IDLE = _DIALECT | _FILLERS | {f"و{word}" for word in _STANDARD}
_WHAT = re.compile(r"\b[وف]?[اإأ]يه\b")  # «إيه» (what) is folded as «آية» (verse) is, so it is taken out before
_GOING_ON = (  # the last of both languages ask for more
    r"and|but|so|then|yes|yeah|yep|no|ok|okay|sorry|really|also|well|please|pls|what about|how about|i mean|i meant|"
    r"tell me(?: more)?(?: about)?|go on|continue|more details|(?:what|anything) else|more(?=\W*$)|"
    r"نعم|ايوه|ايوا|اه|لا|اجل|بل|اقصد|قصدت|قصدي|اعني|عفوا|طيب|طب|حسنا|تمام|اوكي|كمان|برضه|برضو|بس|يلا|بعدين|"
    r"من فضلك|لو سمحت|رجاء|(?:ماذا|شو|وش|ايش) عن|(?:حدثني|اخبرني|احكي?|قل)(?: ?لي)?(?: اكثر)?|زدني|كمل|اكمل|استمر|"
    r"(?:هات |اعطني )?(?:المزيد|مزيد من التفاصيل|(?:ال)?تفاصيل اكثر|اكثر(?=\W*$))|ماذا ايضا"
)
_JOINED = "|".join(sorted(_STANDARD | _DIALECT) + "ايه في منذ الي عن علي مع بعد قبل كل".split())
_AND = rf"و(?=(?:{_JOINED})\b|ال(?!د)\w{{3}})"  # also before what is definite: «والمباراة», not «والدته»
OPENING = re.compile(rf"^(?:(?:و?(?:{_GOING_ON})\b[\W_]*)+(?:{_AND})?|{_AND})")
"""A beginning that goes on from something and names nothing: "and when?", "yes, tell me more", «طيب، ومتى؟»."""
CORRECTING = re.compile(r"^\W*(?:(?:no|sorry|not that)\b|i meant?\b|(?:لا|بل|عفوا|اقصد|قصدت|قصدي|اعني)\b)")
"""A beginning that takes back what was asked: "no, I meant the fire", «لا، قصدت»."""
STANDING_IN = re.compile(
    # «كلفتها»: a pronoun that is part of its word; «الراهن» and «القوة», folded, only look like «عمرهن» and «قتلوه».
    r"\b(?:he|she|it|they|him|her|his|its|their|them|that|this|those|these|others?|one)\b"
    r"|\b(?:هو|هي|هم|هما|ذلك|تلك|هذا|هذه|الاخر|الاخري)\b"
    r"|\b\w{3,}(?:ها|هم|هما)\b|\b(?!\w?ال)\w{3,}(?:هن|وه)\b"
    r"|\b(?:في|من|ب|ل|عن|علي|الي|مع)(?:ه|ها|هم)\b|\bthere\b(?! (?:is|are|was|were|be))"
)
"""A word that stands for something said before."""
_ASPECTS = frozenset(
    terms(
        """
        number count amount total date day month year time age old name rate price cost salary score result wage height
        tall high long length far distance take last one ones open opening close start begin end say said
        عدد رقم تاريخ موعد وقت يوم شهر عام سنة مدة عمر سن اسم نسبة سعر أسعار ثمن كلفة تكلفة قيمة راتب نتيجة نتائج
        درجة درجات ارتفاع طول بعد مسافة افتتاح بداية نهاية قال قالت قالوا مرتب أجر لكم بأي لأي
        """
    )
)


class _Measure(NamedTuple):
    """What may be asked for in numbers: the terms that ask for nothing else, and what a text that tells it has."""

    asked: frozenset[str]
    told: re.Pattern[str]


_AGE = _Measure(
    frozenset(terms("old age عمر سن")),
    re.compile(
        r"\byears?[ -]old\b|\baged\b|\bage of\b|\bborn\b|\bin (?:his|her|their) \w+ies\b|, \d\d,"
        r"|\b\w{0,3}عمر(?:ه|ها|هم|هما|هن)?\b|[(,] ?\d+ (?:عاما|سنه)\b|\b(?:بالغه?|[يت]بلغ) \d+ (?:عاما|سنه)\b"
        r"|\b(?:و?ولدت?|مواليد)\b"
    ),
)
_PRICE = _Measure(
    frozenset(terms("price cost سعر ثمن كلفة تكلفة")),
    re.compile(
        r"[$€£¥]|\b(?:costs?|prices?|priced|paid|pays?|worth|sold|bought|fees?|budget|dollars?|euros?|pounds?|dinars?)\b"
        r"|\b(?:m|b)illion\b|مليون|مليار"
        r"|\b\w{0,4}(?:كلف|ثمن|سعر|اسعار|قيم|دفع|مبلغ|رسوم|ميزاني|مقابل|دولار|يورو|دينار|ريال|درهم|جنيه|ليره)\w{0,3}\b"
    ),
)
_PAY = _Measure(
    frozenset(terms("salary wage راتب مرتب أجر")),
    re.compile(
        r"\b(?:salar(?:y|ies)|wages?|earns?|earned|paid|income)\b"
        r"|\b\w{0,4}(?:راتب|رواتب|مرتب|اجر|تقاضي|دخل)\w{0,3}\b"
    ),
)
_LENGTH = _Measure(
    # Not "how high" and "how long": a turnout is high and a meeting is long too.
    frozenset(terms("height tall length distance طول مسافة")),
    re.compile(
        r"\d[ -]?(?:m|km|cm|ft|kilomet\w+|met(?:re|er)s?|miles?|feet|foot|inch\w*|stor(?:e?y|i?es))\b"
        r"|\b(?:كيلو ?)?(?:مترا?|امتار|ميلا?|اميال|قدما?|اقدام|طابقا?|طوابق)\b|\bكيلومتر\w*\b|\bكلم\b"
    ),
)


def asked_terms(text: str, language: str) -> list[str]:
    """The terms of a question, without the words that only ask, in whatever dialect: «وقديش عمرهن» asks for «عمر»."""
    return terms(" ".join(word for word in words(_WHAT.sub(" ", text)) if not _only_asks(word)), language)


def _only_asks(word: str) -> bool:
    return word in _IDLE or (word[0] in "وف" and word[1:] in _DIALECT | _FILLERS)


def things(asked: Set[str]) -> Set[str]:
    """Terms without those of what is asked about a thing: "the unemployment rate" is about unemployment."""
    return asked - _ASPECTS


def tells(text: str, asked: Set[str]) -> bool:
    """Whether a text tells the measure that terms ask for; of terms that ask for none nothing can be told."""
    flat = folded(text)
    return all(one.told.search(flat) for one in (_AGE, _PRICE, _PAY, _LENGTH) if asked and asked <= one.asked)
