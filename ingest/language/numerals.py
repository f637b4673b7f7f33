"""The words for small numbers, days and months in Arabic and English, folded."""

from collections.abc import Mapping

from ingest.language.fold import folded


def forms(table: Mapping[int, str]) -> dict[str, int]:
    """The value of each word, folded, of a table whose words are parted by bars."""
    return {folded(word): value for value, words in table.items() for word in words.split("|")}


ENGLISH_NUMBERS = {
    word: value
    for value, word in (
        *enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen".split()
        ),
        *((10 * n, word) for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)),
    )
}
ARABIC_NUMBERS = forms({
    0: "صفر", 2: "اثنان|اثنين|اثنتان|اثنتين|اثنا|اثني|اثنتا|اثنتي", 3: "ثلاث|ثلاثة|ثلاثا", 4: "أربع|أربعة|أربعا",
    5: "خمس|خمسة|خمسا", 6: "ست|ستة|ستا", 7: "سبع|سبعة|سبعا", 8: "ثمان|ثماني|ثمانية|ثمانيا", 9: "تسع|تسعة|تسعا",
    10: "عشر|عشرة|عشرا", 20: "عشرون|عشرين",
    30: "ثلاثون|ثلاثين", 40: "أربعون|أربعين", 50: "خمسون|خمسين", 60: "ستون|ستين", 70: "سبعون|سبعين",
    80: "ثمانون|ثمانين", 90: "تسعون|تسعين", 100: "مئة|مائة", 200: "مئتان|مئتين|مائتان|مائتين|مئتا|مئتي|مائتا|مائتي",
    300: "ثلاثمئة|ثلاثمائة", 400: "أربعمئة|أربعمائة", 500: "خمسمئة|خمسمائة", 600: "ستمئة|ستمائة",
    700: "سبعمئة|سبعمائة", 800: "ثمانمئة|ثمانمائة|ثمانيمئة", 900: "تسعمئة|تسعمائة",
})  # fmt: skip
"""Without "one", which also is "someone" and "nobody" («أحد»)."""
DAYS = forms({
    0: "monday|الاثنين|الإثنين", 1: "tuesday|الثلاثاء", 2: "wednesday|الأربعاء", 3: "thursday|الخميس",
    4: "friday|الجمعة", 5: "saturday|السبت", 6: "sunday|الأحد",
})  # fmt: skip
"""From Monday, 0."""
MONTHS = forms({  # English; Levant; Egypt and the Gulf; Tunisia, Algeria and Morocco
    1: "january|jan|كانون الثاني|كانون ثاني|يناير|جانفي",
    2: "february|feb|شباط|فبراير|فيفري",
    3: "march|mar|آذار|مارس",
    4: "april|apr|نيسان|أبريل|أفريل|إبريل",
    5: "may|أيار|مايو|ماي",
    6: "june|jun|حزيران|يونيو|يونيه|جوان",
    7: "july|jul|تموز|يوليو|يوليه|جويلية|يوليوز",
    8: "august|aug|آب|أغسطس|أوت|غشت",
    9: "september|sept|sep|أيلول|سبتمبر|شتنبر",
    10: "october|oct|تشرين الأول|تشرين أول|أكتوبر",
    11: "november|nov|تشرين الثاني|تشرين ثاني|نوفمبر|نونبر",
    12: "december|dec|كانون الأول|كانون أول|ديسمبر|دجنبر",
})  # fmt: skip
"""From January, 1; some are two words."""
