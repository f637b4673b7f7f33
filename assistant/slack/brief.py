"""The brief: the stories added since yesterday, each with one quoted line.

Articles are one story if the archive knows them as near-duplicates, or if their titles are similar and their texts
share many words, as in two reporters' accounts of one event, or in an update. Similar titles alone are not enough: a
recurring title ("News in brief") heads different news every day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain

from assistant.answer import Quote
from assistant.messages import phrase
from assistant.slack.blocks import Part, attribution, line
from assistant.slack.rich_text import direction_mark, quotation, rich_text_block, section, text_elements
from ingest.article import Article
from ingest.language import sentences, terms

MAX_ARTICLES = 500
"""The number of newest articles that a brief considers."""

_MAX_STORIES = 12  # shown
_MIN_WORDS = 5  # of a quoted sentence; a shorter one is a dateline or a heading
_MAX_LINE = 600  # characters of a quoted line
# Chosen on tests/data/near_copies.jsonl: different stories under one title share up to .28 of their words, updates and
# accounts of one event at least .38; titles of different stories with a common background overlap up to .33.
_MIN_TITLE_OVERLAP = 0.5  # of the words of both titles
_MIN_TEXT_OVERLAP = 0.35  # of the words of the shorter text


def start_of_yesterday(now: datetime | None = None) -> float:
    """Return the start of yesterday in UTC, as seconds since 1970."""
    today = (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - timedelta(days=1)).timestamp()


def brief(articles: Sequence[Article], language: str, archive_stories: Mapping[str, int]) -> list[Part]:
    """Build the brief; the stories with the most articles come first.

    Args:
        articles: the new articles, newest first.
        language: of the reader, "ar" or "en".
        archive_stories: the archive's near-duplicates by article id, see `NearDuplicates.stories`.
    """
    stories = sorted(group_stories(articles, archive_stories), key=len, reverse=True)
    heading = phrase("slack_brief", language, articles=f"{len(articles):,}", stories=f"{len(stories):,}")
    parts = [line("brief", heading if stories else phrase("slack_brief_empty", language), bold=True)]
    for index, story in enumerate(stories[:_MAX_STORIES]):
        quote = first_line(story[0])
        if quote is None:
            continue
        source = attribution(story[0], language)
        if len(story) > 1:
            others = phrase("slack_others", language, count=str(len(story) - 1))
            source += [*text_elements("\n"), *direction_mark(language), *text_elements(others, italic=True)]
        block = rich_text_block(f"story{index}", quotation(quote.text), section(*source))
        parts.append(Part((block,), (quote,), ()))
    if len(stories) > _MAX_STORIES:
        more = phrase("slack_brief_more", language, count=str(len(stories) - _MAX_STORIES))
        parts.append(line("rest", more, italic=True))
    return parts


def first_line(article: Article) -> Quote | None:
    """Return the first sentence of an article that is neither too short nor too long; None if there is none."""
    for start, end in sentences(article.text, article.language)[:8]:
        sentence = article.text[start:end]
        if len(sentence.split()) >= _MIN_WORDS and len(sentence) <= _MAX_LINE:
            return Quote(article, start, end)
    return None


def group_stories(articles: Sequence[Article], archive_stories: Mapping[str, int]) -> list[list[Article]]:
    """Group articles by story; stories, and the articles in them, keep the order of the articles.

    Args:
        articles: of a brief.
        archive_stories: the archive's near-duplicates by article id, see `NearDuplicates.stories`.
    """
    stories: list[list[_Report]] = []
    for index, article in enumerate(articles):
        report = _Report(index, article, archive_stories.get(article.id, 0))
        same = [story for story in stories if any(map(report.shares_story, story))]
        stories = [story for story in stories if story not in same]
        stories.append(sorted([report, *chain.from_iterable(same)], key=lambda member: member.index))
    return [[report.article for report in story] for story in sorted(stories, key=lambda story: story[0].index)]


@dataclass(frozen=True, eq=False)
class _Report:
    index: int
    article: Article
    archive_story: int

    @cached_property
    def title_words(self) -> set[str]:
        return set(terms(self.article.title, self.article.language))

    @cached_property
    def text_words(self) -> set[str]:
        return set(terms(self.article.text, self.article.language))

    def shares_story(self, other: "_Report") -> bool:
        if self.archive_story and self.archive_story == other.archive_story:
            return True
        titles = self.title_words | other.title_words
        if not self.title_words or len(self.title_words & other.title_words) < _MIN_TITLE_OVERLAP * len(titles):
            return False
        shared = len(self.text_words & other.text_words)
        return shared >= _MIN_TEXT_OVERLAP * min(len(self.text_words), len(other.text_words))
