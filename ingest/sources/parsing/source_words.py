"""The words by which sources name the parts of an article, and those that are not part of it."""

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class SourceWords:
    """Words of documents, feeds and pages; folded where nothing else is said.

    Attributes:
        front_matter: the name of a field of front matter -> the attribute of `RawArticle`.
        language_names: the name of a language, or its ISO 639-2 code -> its ISO 639-1 code.
        bylines: words before the names of a byline: "by".
        nobody: authors that are accounts, not names.
        error_titles: matches the beginning of the title of an error page or a check for robots.
        site_notes: matches the beginning of a last paragraph that is the site's own.
        teaser_ends: matches the end of a text that continues elsewhere.
        blog_footer: matches what a blog adds to its articles; not folded.
        updated: matches what tells the date of a change from that of publication.
        telltale: matches words that every text in this language has; not folded.
    """

    TOPIC: ClassVar[str] = "sources"

    front_matter: dict[str, str]
    language_names: dict[str, str]
    bylines: tuple[str, ...]
    nobody: frozenset[str]
    error_titles: re.Pattern[str]
    site_notes: re.Pattern[str]
    teaser_ends: re.Pattern[str]
    blog_footer: re.Pattern[str]
    updated: re.Pattern[str]
    telltale: re.Pattern[str]
