"""The writer without a model: the passages that answer, quoted, with who said them and when.

A passage is whole sentences of an article (see `ingest.passages`), so what was found is what is quoted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Quote, Statement
from assistant.confidence import answers
from assistant.question import Question
from assistant.search import Candidate
from ingest.archive import Archive
from ingest.article import Article
from ingest.text import folded, sentences
from prompts import lead

RELATED = 3
"""Articles named where nothing answers."""

_NEAR = 2.0  # of fused score below the best: farther quotes are about something else
_ARTICLE = 0.5  # of the score of an article's best passage counts for its others
_HANGING = re.compile(
    r"^\W*(?:و?(?:قال|اضاف|اكد|اوضح|تابع|اشار|ذكر|اعتبر|شدد|راي|لفت|بين)(?:ت|وا)?|وهو|وهي|وهم|وهذا|وهذه|وذلك|كما|بدوره|"
    r"من جانبه|and|but|he|she|they|it|this|that|these|those|his|her|their|its|however|also)\b"
)


@dataclass(frozen=True, slots=True)
class Written:
    """What is said, and the nearest articles; `statements` is empty where the archive does not answer."""

    statements: tuple[Statement, ...]
    related: tuple[Article, ...]


def write(archive: Archive, question: Question, candidates: Sequence[Candidate], quotes: int) -> Written:
    """Quote the passages that answer, best first, grouped by article."""
    near = list(dict.fromkeys(candidate.stored.article_id for candidate in candidates))[:RELATED]
    if not answers(question, candidates):
        found = archive.articles(near)
        return Written((), tuple(found[one] for one in near if one in found))
    chosen = choose(candidates, quotes)
    articles = archive.articles(dict.fromkeys([one.stored.article_id for one in chosen] + near))
    groups: dict[str, list[Quote]] = {}
    for one in chosen:
        if article := articles.get(one.stored.article_id):
            groups.setdefault(article.id, []).append(Quote(article, one.stored.start, one.stored.end))
    statements = (_statement(articles[key], group, question.language) for key, group in groups.items())
    return Written(tuple(statements), tuple(articles[one] for one in near if one in articles))


def choose(candidates: Sequence[Candidate], quotes: int) -> list[Candidate]:
    """The passages to quote: by their own score and that of the best passage of their article."""
    best: dict[str, float] = {}
    for one in candidates:
        best[one.stored.article_id] = max(one.score, best.get(one.stored.article_id, one.score))
    ranked = sorted(candidates, key=lambda one: -(one.score + _ARTICLE * best[one.stored.article_id]))
    return ranked[:quotes]


def _statement(article: Article, quotes: Sequence[Quote], language: str) -> Statement:
    return Statement(lead(article.publisher, article.published, language), tuple(quotes))
