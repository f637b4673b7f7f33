"""What a page puts around its articles: calls to subscribe and to follow, notices of rights."""

import re

from ingest.language import folded

_LONGEST = 60  # words: a longer paragraph is a text of its own, whatever phrase stands in it
_PHRASES = re.compile(
    r"all rights reserved|(?:material|article) may not be published|may not be (?:republished|redistributed)"
    r"|(?:sign up|subscribe) (?:now|today|here|to(?:day)? (?:our|the)|to (?:our|this)|for (?:our|free|full|only))"
    r"|follow us (?:on|at)|(?:like|join) us on|download (?:our|the) app|get our newsletter|never miss a story"
    r"|responsible for the content of external|read more:|(?:support|donate to) (?:our|independent) journalism"
    + folded(
        r"|(?:جميع|كل|كافة) الحقوق محفوظة|حقوق (?:النشر|الطبع) محفوظة|لا يجوز (?:نشر|نسخ|إعادة (?:نشر|توزيع))"
        r"|(?:اشتركوا?|سجلوا?) (?:الآن |مجانا )?(?:في |ب)(?:نشرتنا|نشراتنا|النشرة|قناتنا|قنواتنا|خدمة|خدمتنا)"
        r"|تابعو?نا (?:على|عبر|في)|تابعوا (?:آخر|صفحتنا|قناتنا|حساباتنا)"
        r"|حملوا? تطبيقنا|انضموا? إلى (?:قناتنا|قنواتنا)|اقرأوا? أيضا"
    )
)


def without_furniture(text: str) -> str:
    """A text without its paragraphs of furniture; all of it, if nothing else is in it."""
    lines = text.split("\n")
    kept = [line for line in lines if not _is_furniture(line)]
    return "\n".join(kept) if len(kept) < len(lines) and any(map(str.strip, kept)) else text


def _is_furniture(line: str) -> bool:
    return line.count(" ") < _LONGEST and _PHRASES.search(folded(line)) is not None
