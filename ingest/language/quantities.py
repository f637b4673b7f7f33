"""The words for large and broken numbers, Hijri months and currencies, in Arabic and English, folded."""

from ingest.language.fold import folded
from ingest.language.numerals import MONTHS

SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "hundreds": 100, "thousands": 10**3, "millions": 10**6, "billions": 10**9, "trillions": 10**12,
    "mln": 10**6, "bn": 10**9, "tn": 10**12, "k": 10**3,
}  # fmt: skip
ORDINALS = {
    **{word: n for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(), 1)},
    "thirtieth": 30, "hundredth": 100, "once": 1, "twice": 2,
}  # fmt: skip
FRACTIONS = {
    "half": "1/2", "quarter": "1/4", "نصف": "1/2", "نصفا": "1/2", "ربع": "1/4", "ثلث": "1/3", "ثلثي": "2/3",
    "ثلثا": "2/3",
    "ثلثين": "2/3", "ثلثان": "2/3",
}  # fmt: skip
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fifth": 5,
         "fifths": 5, "sixth": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10, "ارباع": 4, "اخماس": 5,
}  # fmt: skip
"""Behind "a", "one" or a number: "a third", "two thirds", «ثلاثة أرباع»."""
VAGUE = {word: scale for scale, words in {
    10: "dozens عشرات", 100: "hundreds مئات مءات", 10**3: "thousands الاف الوف", 10**6: "millions ملايين",
    10**9: "billions مليارات",
}.items() for word in map(folded, words.split())}  # fmt: skip
"""Quantities without a number: "thousands of people"."""


def _forms(table: dict[str, int]) -> dict[str, int]:
    return {folded(word): value for words, value in table.items() for word in words.split()}


ARABIC_SCALES = _forms({
    "ألف آلاف ألفا الاف ألفًا": 10**3, "مليون ملايين مليونا": 10**6, "مليار مليارات بليون": 10**9,
    "تريليون تريليونات": 10**12,
})  # fmt: skip
ELEVEN = frozenset(folded(word) for word in "أحد إحدى حادي حادية".split())
# Words that are a scale twice over: «ألفين», «مليونا لوم»; behind a number «ألفا» and «مليونا» are the scale itself.
ARABIC_DUALS = _forms({
    "ألفان ألفين ألفي ألفا": 2_000, "مليونان مليونين مليوني مليونا": 2_000_000, "ملياران مليارين ملياري": 2 * 10**9,
})  # fmt: skip
TWO = frozenset(
    folded(word)
    for word in "شهران شهرين عامان عامين سنتان سنتين يومان يومين أسبوعان أسبوعين ساعتان ساعتين دقيقتان دقيقتين مرتان "
    "مرتين شخصان شخصين هدفان هدفين دولتان دولتين بلدان بلدين طرفان طرفين قتيلان قتيلين رجلان رجلين امرأتان امرأتين "
    "طفلان طفلين جنديان جنديين شركتان شركتين سيارتان سيارتين قرنان قرنين ليلتان ليلتين مدينتان مدينتين قريتان قريتين "
    "مدرستان مدرستين طائرتان طائرتين سفينتان سفينتين ضابطان ضابطين شابان شابين طالبان طالبين عاملان عاملين "
    "موظفان موظفين وزيران وزيرين جريحان جريحين مصابان مصابين لاعبان لاعبين كتابان كتابين نقطتان نقطتين "
    "مباراتان مباراتين فتاتان فتاتين صحفيان صحفيين درجتان درجتين متران مترين طنان طنين "
    "ديناران دينارين دولاران دولارين ريالان ريالين درهمان درهمين جنيهان جنيهين ليرتان ليرتين".split()
)
ARABIC_ORDINALS = _forms({
    "الأول الأولى أول أولى": 1, "الثاني الثانية ثاني ثانية": 2, "الثالث الثالثة ثالث ثالثة": 3,
    "الرابع الرابعة رابع رابعة": 4, "الخامس الخامسة خامس خامسة": 5, "السادس السادسة سادس سادسة": 6,
    "السابع السابعة سابع سابعة": 7, "الثامن الثامنة ثامن ثامنة": 8, "التاسع التاسعة تاسع تاسعة": 9,
    "العاشر العاشرة عاشر عاشرة": 10,
})  # fmt: skip
HIJRI = {folded(word): number for number, words in enumerate((
    "محرم muharram", "safar", "", "", "", "", "رجب rajab", "شعبان shaaban", "رمضان ramadan", "شوال shawwal",
), 1) for word in words.split()}  # fmt: skip
MONTH_PAIRS = {tuple(name.split()): number for name, number in MONTHS.items() if " " in name}
HIJRI_PAIRS = {
    ("ربيع", "الاول"): 3, ("ربيع", "الاخر"): 4, ("ربيع", "الثاني"): 4, ("جمادي", "الاولي"): 5, ("جمادي", "الاخره"): 6,
    ("جمادي", "الثانيه"): 6, ("ذو", "القعده"): 11, ("ذي", "القعده"): 11, ("ذو", "الحجه"): 12, ("ذي", "الحجه"): 12,
}  # fmt: skip
CURRENCIES = {folded(word): name for name, words in {
    "usd": "$ dollar dollars usd دولار دولارات دولارا", "eur": "€ euro euros eur يورو",
    "gbp": "£ pound pounds sterling gbp جنيه جنيها جنيهات", "jpy": "¥ yen jpy ين", "cny": "yuan cny يوان",
    "sar": "riyal riyals sar ريال ريالا ريالات", "aed": "dirham dirhams aed درهم درهما دراهم",
    "dinar": "dinar dinars دينار دينارا دنانير", "try": "lira liras ليرة ليرات", "rub": "rouble roubles ruble "
    "rubles روبل",
    "inr": "rupee rupees روبية روبيات", "lume": "lume lumes لوم",
}.items() for word in words.split()}  # fmt: skip
UNITS = {folded(word): name for name, words in {
    "year": "year years yr yrs سنة سنوات سنين عام أعوام عاما سنتان سنتين عامان عامين",
    "month": "month months شهر أشهر شهور شهرا شهران شهرين",
    "week": "week weeks أسبوع أسابيع أسبوعا أسبوعان أسبوعين", "day": "day days يوم أيام يوما يومان يومين",
    "hour": "hour hours hr hrs ساعة ساعات ساعتان ساعتين", "minute": "minute minutes دقيقة دقائق دقيقتان دقيقتين",
    "second": "second seconds ثانية ثوان ثواني ثانيتان ثانيتين",
    "kilometre": "kilometre kilometres kilometer kilometers km kms كيلومتر كيلومترا كيلومترات كلم كم",
    "metre": "m metre metres meter meters متر أمتار مترا متران مترين",
    "centimetre": "centimetre centimetres centimeter centimeters cm سنتيمتر سنتيمترا سنتيمترات",
    "mile": "mile miles ميل أميال ميلا", "foot": "foot feet ft قدم أقدام قدما", "inch": "inch inches بوصة بوصات",
    "hectare": "hectare hectares هكتار هكتارا هكتارات", "acre": "acre acres فدان فدانا أفدنة",
    "tonne": "tonne tonnes ton tons طن أطنان طنا طنان طنين",
    "kilogram": "kilogram kilograms kilo kilos kg kgs كيلوغرام كيلوغراما كيلوغرامات كيلوجرام كغ كغم",
    "gram": "gram grams غرام غراما غرامات جرام جراما", "pound": "lb lbs رطل رطلا أرطال",
    "litre": "litre litres liter liters لتر لترا لترات", "barrel": "barrel barrels برميل برميلا براميل",
    "gallon": "gallon gallons غالون غالونا غالونات", "degree": "degree degrees درجة درجات درجتان درجتين",
}.items() for word in words.split()}  # fmt: skip
"""Of time and measure."""

PERCENT = frozenset({
    ("%",), ("percent",), ("percents",), ("pct",), ("بالمئه",), ("بالمايه",), ("بالميه",), ("per", "cent"),
    ("percentage", "points"),
    ("في", "المئه"), ("في", "المايه"), ("في", "الميه"),
})  # fmt: skip
