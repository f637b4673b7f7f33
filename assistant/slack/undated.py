"""A question without the dates that narrow it: "Who spoke in March 2019?" asks "Who spoke?"."""

import re

_MONTHS = (
    "january|february|march|april|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_ARABIC_MONTHS = (
    "كانون الثاني|كانون الأول|تشرين الأول|تشرين الثاني|يناير|فبراير|مارس|أبريل|ابريل|إبريل|مايو|يونيو|يوليو|أغسطس|اغسطس"
    "|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول"
)
_YEAR = r"(?:1[89]|20)\d\d"
_ARABIC_YEAR = r"(?:(?:1[89]|20)\d\d|(?:١[٨٩]|٢٠)[٠-٩]{2})"
_ARABIC_DAY = r"[\d٠-٩]{1,2}"
_ENGLISH = re.compile(
    rf"""(?<!\w)(?:
        (?:(?:in|on|since|until|till|by|before|after|during|of|from|between|and|to)\s+)*
        (?:
            (?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})\.?(?:,?\s+{_YEAR})?
          | (?:early\s+|late\s+|mid-?\s*)?(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?
          | (?:early\s+|late\s+|mid-?\s*)?(?:{_MONTHS})\.?\s+{_YEAR}
          | \d{{4}}-\d{{2}}-\d{{2}} | \d{{1,2}}/\d{{1,2}}/\d{{4}}
        )
      | (?:in|since|until|till|by|before|after|during|from|between|of)\s+(?:early\s+|late\s+)?(?:the\s+year\s+)?{_YEAR}
        (?:\s+(?:and|to|until)\s+{_YEAR})?
      | (?:in|since|during|last|this|next)\s+(?:{_MONTHS}|may)
      | yesterday|today|this\s+(?:week|month|year|morning|evening)|last\s+(?:week|month|year|night)
      | (?:in|over|during)\s+the\s+(?:last|past)\s+(?:\d+\s+)?(?:days?|weeks?|months?|years?)
    )(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_ARABIC = re.compile(
    rf"""(?<!\w)(?:
        (?:(?:في|منذ|حتى|قبل|بعد|خلال|بين|من|إلى|الى|يوم)\s+)*
        (?:
            {_ARABIC_DAY}\s+(?:من\s+)?(?:شهر\s+)?(?:{_ARABIC_MONTHS})(?:\s*/\s*(?:{_ARABIC_MONTHS}))?(?:\s+(?:عام\s+)?{_ARABIC_YEAR})?
          | (?:شهر\s+)?(?:{_ARABIC_MONTHS})(?:\s*/\s*(?:{_ARABIC_MONTHS}))?\s+(?:عام\s+|سنة\s+)?{_ARABIC_YEAR}
          | (?:شهر)\s+(?:{_ARABIC_MONTHS})
          | (?:عام|سنة|العام|عامي)\s+{_ARABIC_YEAR}(?:\s+و{_ARABIC_YEAR})?
          | \d{{1,2}}/\d{{1,2}}/\d{{4}}
        )
      | (?:في|منذ|حتى|قبل|بعد|خلال)\s+(?:{_ARABIC_YEAR}|(?:{_ARABIC_MONTHS}))
      | أمس|امس|البارحة|اليوم
      | (?:هذا|هذه)\s+(?:الأسبوع|الاسبوع|الشهر|العام|السنة)
      | (?:في\s+)?(?:الأسبوع|الاسبوع|الشهر|العام)\s+(?:الماضي|الجاري|الحالي)
      | (?:في\s+)?السنة\s+(?:الماضية|الجارية|الحالية)
    )(?!\w)""",
    re.VERBOSE,
)


def undated(question: str) -> str:
    """The question without its dates; itself where it has none, or says nothing without them."""
    without = _ARABIC.sub(" ", _ENGLISH.sub(" ", question))
    without = re.sub(r"\s+([?؟!.,،])", r"\1", " ".join(without.split()))
    return without if len(re.findall(r"\w{2,}", without)) > 1 else question
