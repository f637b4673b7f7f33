"""Which articles of a brief are one story for a reader.

Near-copies are, whatever their titles: the archive knows them. So are reports whose titles are alike and whose texts
share many words: two reporters' own accounts of one event, or its newer state. A title alone says nothing, for the same
one stands over other news each day ("News in brief").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from ingest.article import Article
from ingest.language import terms

# Of tests/data/near_copies.jsonl: unlike texts under one title share up to .28, updates and accounts of one event from
# .38, and stories that only have their background in common have titles that share up to .33.
_TITLES = 0.5  # of the words of two titles
_TEXTS = 0.35  # of the words of the shorter text


def grouped(articles: Sequence[Article], known: Mapping[str, int]) -> list[list[Article]]:
    """Articles to stories, each with at least one; both in the order of the articles.

    Args:
        articles: what a brief tells.
        known: the archive's stories by the articles' ids, see `NearDuplicates.stories`.
    """
    stories: list[list[_Told]] = []
    for place, article in enumerate(articles):
        one = _Told(place, article, known.get(article.id, 0))
        same = [story for story in stories if any(map(one.is_of, story))]
        stories = [story for story in stories if story not in same]
        stories.append(sorted([one, *chain.from_iterable(same)], key=lambda told: told.place))
    return [[one.article for one in story] for story in sorted(stories, key=lambda story: story[0].place)]


@dataclass(frozen=True, eq=False)
class _Told:
    place: int
    article: Article
    story: int

    @cached_property
    def title(self) -> set[str]:
        return set(terms(self.article.title, self.article.language))

    @cached_property
    def text(self) -> set[str]:
        return set(terms(self.article.text, self.article.language))

    def is_of(self, other: "_Told") -> bool:
        """Whether both are of one story."""
        if self.story and self.story == other.story:
            return True
        if not self.title or len(self.title & other.title) < _TITLES * len(self.title | other.title):
            return False
        return len(self.text & other.text) >= _TEXTS * min(len(self.text), len(other.text))
