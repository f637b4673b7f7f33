"""Passages as a language model sees them: every sentence has an id, and an id leads back to the exact quotation."""

from collections.abc import Iterable, Sequence

from assistant.answer import Hit, Quote
from assistant.llm.context import neutralised, token_estimate
from assistant.messages import date
from ingest.article import merge
from ingest.language import one_line, sentences

SentenceId = tuple[int, int]
"""The number of a passage and of a sentence in it, both from 1."""


class NumberedSentences:
    """The sentences of the passages that a prompt shows.

    The best passage has the number 1 and stands last, next to the question, where weak models pay most attention.

    Args:
        hits: best first; those that do not fit are left out, except the first.
        budget: tokens that they may fill.
        language: of the reader, for dates.

    Attributes:
        text: for the prompt.
    """

    def __init__(self, hits: Sequence[Hit], budget: float, language: str) -> None:
        self._quotes: dict[SentenceId, Quote] = {}
        blocks: list[str] = []
        for hit in hits:
            number = len(blocks) + 1
            article = hit.article
            spans = sentences(hit.text, article.language)
            quotes = [Quote(article, hit.start + start, hit.start + end) for start, end in spans]
            source = " — ".join(filter(None, (article.publisher, article.title, date(article.published, language))))
            lines = [f"<article {number}> {neutralised(one_line(source))}"]
            lines += [f"[{number}.{n}] {neutralised(one_line(quote.text))}" for n, quote in enumerate(quotes, 1)]
            block = "\n".join([*lines, "</article>"])
            budget -= token_estimate(block) + 1  # the blank line between two blocks
            if budget < 0 and blocks:
                break
            blocks.append(block)
            self._quotes.update({(number, n): quote for n, quote in enumerate(quotes, 1)})
        self.text = "\n\n".join(reversed(blocks))

    def quotes(self, ids: Iterable[SentenceId]) -> list[Quote]:
        """The quotations of these ids; adjacent sentences become one, and unknown ids are ignored.

        A heading is quoted only together with the sentence below it.
        """
        cited = [self._quotes[id_] for id_ in sorted(set(ids)) if id_ in self._quotes]
        return [quote for quote in dict.fromkeys(merge(cited, _touch)) if quote.has_content]


def _touch(last: Quote, quote: Quote) -> bool:
    """Whether a quotation overlaps or continues the one before; a heading is continued by the line below it."""
    if last.article.id == quote.article.id and last.start <= quote.start <= last.end:
        return True
    return quote.follows(last, across_lines=not last.has_content)
