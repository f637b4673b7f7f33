"""Cut an article into passages: whole sentences, offsets by construction.

A passage is a sentence, or a few short ones. A hit is quoted as it is, so a question does not split hits into sentences
again. The context of a passage helps to find it: the title is embedded in front of it, and lexical search counts the
words of its neighbours as its own. The stored span holds neither.

Measured on the three development sets (ARCD, XQuAD in Arabic and in English), sentences against passages of 300 and of
600 characters: MRR of embeddings alone .847/.939/.980, .841/.936/.977 and .809/.924/.974. Passages do not overlap:
that would help only where a sentence is cut or its neighbours do not count.
"""

import re
from collections.abc import Sequence

from ingest.article import Article, Passage
from ingest.language import sentences

SHORT = 120
"""Characters: shorter sentences are joined into passages of at most this length."""
TINY = 60
"""Characters: a shorter sentence always joins its neighbour, because its embedding would be little but the title's."""
LONGEST = 800
"""Characters: a longer sentence is cut at a pause. About 230 tokens of Arabic; the embedder reads 512."""
SCHEME = 1
"""The version of this scheme. All passages of an archive are cut by the same one."""

_PAUSE = re.compile(r"(?P<strong>[;؛,،:])\s|\s")


def passages(article: Article, short: int = SHORT, longest: int = LONGEST) -> list[Passage]:
    """Cut an article into passages of whole sentences of one paragraph.

    Args:
        article: its text is cleaned.
        short: sentences are joined up to this many characters.
        longest: a sentence of more characters is cut.

    Returns:
        In order, without overlap; together they hold every character that is not space.
    """
    text = article.text
    spans: list[tuple[int, int]] = []
    for start, end in (piece for span in sentences(text, article.language) for piece in _bounded(text, span, longest)):
        if spans and "\n" not in text[spans[-1][1] : start] and _are_joined(spans[-1], (start, end), short, longest):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [Passage(article.id, ordinal, start, end) for ordinal, (start, end) in enumerate(spans)]


def embedded_text(article: Article, passage: Passage) -> str:
    """The text that is embedded for a passage: its own behind the title."""
    text = article.text[passage.start : passage.end]
    return f"{article.title}\n{text}" if article.title else text


def surroundings(article: Article, passages: Sequence[Passage], index: int) -> str:
    """The text of the passage at `index` and of its two neighbours."""
    first, last = passages[max(0, index - 1)], passages[min(len(passages) - 1, index + 1)]
    return article.text[first.start : last.end]


def _are_joined(first: tuple[int, int], second: tuple[int, int], short: int, longest: int) -> bool:
    """Whether two neighbouring spans of one paragraph become one passage."""
    is_tiny = min(first[1] - first[0], second[1] - second[0]) < TINY
    return second[1] - first[0] <= (longest if is_tiny else short)


def _bounded(text: str, span: tuple[int, int], longest: int) -> list[tuple[int, int]]:
    """Cut a sentence that is too long at its last pause: behind a comma or similar, else at a space."""
    start, end = span
    pieces: list[tuple[int, int]] = []
    while end - start > longest:
        pauses = list(_PAUSE.finditer(text, start + longest // 2, start + longest))
        strong = [pause for pause in pauses if pause["strong"]]
        cut = (strong or pauses)[-1].end() if pauses else start + longest
        pieces.append((start, start + len(text[start:cut].rstrip())))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    return [*pieces, (start, end)]
