"""Cut an article into passages of whole sentences.

A passage is one sentence or a few short ones, so a hit can be quoted as it is. Context makes a passage easier to find:
it is embedded together with the article's title, and lexical search also uses the words of its neighbours. The stored
span includes neither.

On the three development sets (ARCD, XQuAD in Arabic and in English), the MRR of embeddings alone is .847/.939/.980 for
sentences, .841/.936/.977 for passages of 300 characters and .809/.924/.974 for 600. Passages do not overlap: this would
help only where a sentence is cut, or if the neighbours were ignored.
"""

import re
from collections.abc import Sequence

from ingest.article import Article, Passage
from ingest.language import sentences

SHORT = 120
"""Characters: shorter sentences are joined into passages of at most this length."""
TINY = 60
"""Characters: a shorter sentence is always joined to a neighbour, because the title would dominate its embedding."""
LONGEST = 800
"""Characters: a longer sentence is cut at a pause. About 230 tokens of Arabic; the embedder reads 512."""
SCHEME = 1
"""The version of this scheme. All passages of an archive are cut by the same one."""

_PAUSE = re.compile(r"(?P<strong>[;؛,،:])\s|\s")


def passages(article: Article, short: int = SHORT, longest: int = LONGEST) -> list[Passage]:
    """Cut an article into passages of whole sentences of one paragraph.

    Args:
        article: an article with cleaned text.
        short: maximum characters of a passage of joined sentences.
        longest: a sentence of more characters is cut.

    Returns:
        The passages in order, without overlap; together they contain every character that is not white space.
    """
    text = article.text
    spans: list[tuple[int, int]] = []
    for start, end in (piece for span in sentences(text, article.language) for piece in _bounded(text, span, longest)):
        if spans and "\n" not in text[spans[-1][1] : start]:
            previous_start, previous_end = spans[-1]
            is_tiny = min(previous_end - previous_start, end - start) < TINY
            if end - previous_start <= (longest if is_tiny else short):
                spans[-1] = (previous_start, end)
                continue
        spans.append((start, end))
    return [Passage(article.id, ordinal, start, end) for ordinal, (start, end) in enumerate(spans)]


def embedded_text(article: Article, passage: Passage) -> str:
    """The text that is embedded for a passage: the title, then the passage."""
    text = article.text[passage.start : passage.end]
    return f"{article.title}\n{text}" if article.title else text


def surroundings(article: Article, passages: Sequence[Passage], index: int) -> str:
    """The text of the passage at `index` and of its two neighbours."""
    first, last = passages[max(0, index - 1)], passages[min(len(passages) - 1, index + 1)]
    return article.text[first.start : last.end]


def _bounded(text: str, span: tuple[int, int], longest: int) -> list[tuple[int, int]]:
    """Cut a sentence that is too long at its last pause: after a comma or similar mark, else at a space."""
    start, end = span
    pieces: list[tuple[int, int]] = []
    while end - start > longest:
        pauses = list(_PAUSE.finditer(text, start + longest // 2, start + longest))
        strong = [pause for pause in pauses if pause["strong"]]
        cut = (strong or pauses)[-1].end() if pauses else start + longest
        pieces.append((start, start + len(text[start:cut].rstrip())))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    return [*pieces, (start, end)]
