"""Print what the weights of search and of the extractive writer do, to choose them.

    python tests/bench/tune_search.py ARTICLES.jsonl QUESTIONS.jsonl [ARTICLES QUESTIONS]...

Each set is searched once; the weights are then tried on the same candidates.
"""

import itertools
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from assistant.assistant import Assistant
from assistant.evaluation import question_set
from assistant.question import reading
from assistant.question.reading import Question
from assistant.retrieval.search import Candidate, search
from assistant.settings import load_settings
from assistant.writers.extractive import choose_quotes
from ingest.errors import SourceError
from ingest.language import folded, terms

SPREAD = 0.025  # fixed: only its ratio to the others matters
WORDS = (0.0, 2.0, 4.0, 6.0, 8.0, 12.0)
ELSEWHERE = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
ARTICLE = (0.0, 0.25, 0.5, 1.0, 2.0)
OWN = (0.0, 0.5, 1.0, 2.0)
NEAR = (2.0, 3.0, 4.0, 5.0)
JOINED = (0, 400, 600)


@dataclass(frozen=True)
class Seen:
    """A candidate, whether its article is gold, whether it holds the answer, and its own share of the terms."""

    candidate: Candidate
    gold: bool
    right: bool
    own: float


Asked = list[tuple[Question, list[str], list[Seen]]]


def main(files: list[Path]) -> None:
    """Search once, then try."""
    for articles, questions in zip(files[::2], files[1::2], strict=True):
        with (
            tempfile.TemporaryDirectory() as folder,
            Assistant(load_settings(archive=Path(folder)), create=True) as assistant,
        ):
            asked = observe(assistant, articles, questions)
            print(f"{questions.stem} on {articles.stem}: mrr@10, answer_in_quotes@1, @3")
            for words in WORDS:
                report(f"words {words}", asked, words=words)
            for elsewhere in ELSEWHERE:
                report(f"elsewhere {elsewhere}", asked, elsewhere=elsewhere)
            for article in ARTICLE:
                report(f"article {article}", asked, article=article)
            for own in OWN:
                report(f"own {own}", asked, own=own)
            print("as they are quoted: answer_in_quotes@1, @3, quotes, characters")
            for near, joined in itertools.product(NEAR, JOINED):
                quoted(asked, near, joined)


def observe(assistant: Assistant, articles: Path, questions: Path) -> Asked:
    """The candidates of every question."""
    asked: Asked = []
    ids, _ = question_set.fill(assistant, articles)
    for known in question_set.read_questions(questions):
        if isinstance(known, SourceError):
            raise known
        one = reading.read(known.question)
        gold = {ids[str(name)] for name in known.gold}
        found = search(assistant.archive, one, assistant.embedder.query(one.standalone))
        seen = [see(one, candidate, gold, known.answers) for candidate in found]
        asked.append((one, known.answers, seen))
    return asked


def quoted(asked: Asked, near: float, joined: int) -> None:
    """Print the figures of the quotes themselves, whatever the confidence."""
    first = three = count = length = 0
    for one, answers, seen in asked:
        gold = {candidate.candidate.stored.article.id for candidate in seen if candidate.gold}
        candidates = [candidate.candidate for candidate in seen]
        quotes = choose_quotes(one, candidates, 3, max_gap=near, longest=joined)
        right = [
            quote.article.id in gold and any(folded(answer) in folded(quote.text) for answer in answers)
            for quote in quotes
        ]
        first, three, count = first + any(right[:1]), three + any(right), count + len(quotes)
        length += sum(len(quote.text) for quote in quotes)
    shares = [f"{value / len(asked):.4f}" for value in (first, three)]
    print(f"  near {near} joined {joined:<5}", *shares, f"{count / len(asked):.2f} {length / len(asked):.0f}", sep="  ")


def see(one: Question, candidate: Candidate, gold: set[str], answers: list[str]) -> Seen:
    """What a candidate is worth."""
    stored = candidate.stored
    words = stored.article.text[stored.start : stored.end]
    own = len(set(one.terms).intersection(terms(words, stored.article.language))) / max(1, len(one.terms))
    known = stored.article.id in gold
    return Seen(candidate, known, known and any(folded(answer) in folded(words) for answer in answers), own)


def report(
    what: str, asked: Asked, words: float = 8.0, elsewhere: float = 3.0, article: float = 0.5, own: float = 1.0
) -> None:
    """Print the figures of these weights."""
    ranks, first, three = 0.0, 0, 0
    for one, _, seen in asked:
        scores = [score(one, candidate.candidate, words, elsewhere) for candidate in seen]
        best: dict[str, float] = {}
        gold = {candidate.candidate.stored.article.id for candidate in seen if candidate.gold}
        for candidate, value in zip(seen, scores, strict=True):
            name = candidate.candidate.stored.article.id
            best[name] = max(value, best.get(name, value))
        ranked = sorted(best, key=lambda name: -best[name])[:10]
        ranks += next((1 / rank for rank, name in enumerate(ranked, 1) if name in gold), 0.0)
        values = [
            value + article * best[candidate.candidate.stored.article.id] + own * candidate.own
            for candidate, value in zip(seen, scores, strict=True)
        ]
        order = sorted(range(len(seen)), key=lambda place: -values[place])
        first += any(seen[place].right for place in order[:1])
        three += any(seen[place].right for place in order[:3])
    count = len(asked)
    print(f"  {what:<16}{ranks / count:.4f}  {first / count:.4f}  {three / count:.4f}")


def score(one: Question, candidate: Candidate, words: float, elsewhere: float) -> float:
    """The fused score of a candidate with these weights."""
    worth = words * candidate.bm25
    if candidate.stored.article.language != one.language:
        worth = max(worth, elsewhere)
    return candidate.cosine / SPREAD + worth


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
