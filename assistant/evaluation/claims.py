"""Measure how statements are proven: how many false ones are shown in their own words, and how many true ones are not.

Pairs are JSON Lines: `{"statement": "...", "evidence": ["..."], "supported": true, "set": "..."}`, or, where all of
several statements must hold, `{"parts": [{"statement", "evidence"}, ...], "supported", "set"}`.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError, model_validator

from assistant.answer import Proof, Quote
from assistant.llm.usage import UsageMeter
from assistant.verification import shown_as_written
from assistant.verification.judge import Judge
from ingest.article import Article
from ingest.errors import SourceError
from ingest.language import clean, detect

_AT_ONCE = 8  # pairs that are looked at side by side, where a judge is asked
_HEAD = 2_000  # characters that tell a language


class Part(BaseModel):
    """A statement and the sentences that are said to carry it."""

    statement: str = Field(min_length=1, max_length=20_000)
    evidence: list[str] = Field(min_length=1, max_length=100)


class Pair(BaseModel):
    """Statements that are all supported, or not."""

    set: str = "all"
    supported: bool
    parts: list[Part] = Field(min_length=1, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _one_part(cls, given: object) -> object:
        if isinstance(given, dict) and "parts" not in given:
            return {**given, "parts": [{name: given.get(name) for name in ("statement", "evidence")}]}
        return given


@dataclass(frozen=True, slots=True)
class Rates:
    """What became of the pairs of one set.

    Attributes:
        false_accept: of those not supported, the share that is shown in the statement's own words.
        false_refuse: of those supported, the share whose sentences are quoted instead; None where there are none.
        shortened: how many were shown because they are shortenings or whole sentences.
        judged: how many because the judge said so.
    """

    true: int
    false: int
    false_accept: float | None
    false_refuse: float | None
    shortened: int
    judged: int


@dataclass(frozen=True, slots=True)
class Report:
    """All sets, the mean of their shares, what the judge took, and the lines that could not be read."""

    sets: dict[str, Rates]
    false_accept: float | None
    false_refuse: float | None
    judge: str
    requests: int
    seconds: float
    problems: tuple[str, ...]


def measure(file: Path, judge: Judge | None, progress: Callable[[int, int], None] = lambda done, of: None) -> Report:
    """Check every pair of a file.

    Args:
        file: JSON Lines; see this module.
        judge: asked where a statement is no shortening; None to do without.
        progress: called with how many pairs are done, and of how many.

    Raises:
        SourceError: the file cannot be read, or holds no pair.
    """
    pairs: list[Pair] = []
    problems: list[str] = []
    for one in read_pairs(file):
        (pairs if isinstance(one, Pair) else problems).append(one)  # type: ignore[arg-type]
    if not pairs:
        raise SourceError(str(file), f"holds no pair; {problems[0]}" if problems else "holds no pair")
    meter, began = UsageMeter(), time.perf_counter()
    sets: dict[str, list[tuple[bool, Proof | None]]] = defaultdict(list)
    with ThreadPoolExecutor(_AT_ONCE if judge else 1) as pool:
        for done, (pair, found) in enumerate(
            zip(pairs, pool.map(lambda one: _proof(one, judge), pairs), strict=True), 1
        ):
            proof, took = found
            meter.add(took)
            sets[pair.set].append((pair.supported, proof))
            progress(done, len(pairs))
    shares = {name: _shares(rows) for name, rows in sorted(sets.items())}
    usage = meter.usage
    return Report(
        sets=shares,
        false_accept=_mean([one.false_accept for one in shares.values()]),
        false_refuse=_mean([one.false_refuse for one in shares.values()]),
        judge=judge.name if judge else "",
        requests=usage.requests if usage else 0,
        seconds=time.perf_counter() - began,
        problems=tuple(problems),
    )


def read_pairs(file: Path) -> Iterator[Pair | str]:
    """The pairs of a file, and a line for each that cannot be read."""
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield Pair.model_validate(json.loads(line))
                except ValidationError as error:
                    first = error.errors()[0]
                    yield f"line {number}: not a pair: {'.'.join(map(str, first['loc']))}: {first['msg']}"
                except (ValueError, RecursionError) as error:
                    yield f"line {number}: not JSON: {error}"
    except OSError as error:
        raise SourceError(str(file), f"cannot be read: {error.strerror}") from error


def _proof(pair: Pair, judge: Judge | None) -> tuple[Proof | None, UsageMeter]:
    """How the last of a pair's statements is proven, None where one of them is not; and what the judge took."""
    meter = UsageMeter()
    proofs: list[Proof] = []
    for part in pair.parts:
        supports = partial(judge.supports, usage=meter) if judge else None
        checked = shown_as_written(part.statement, quotes_of(part.evidence), supports=supports)
        if not checked.proof:
            return None, meter
        proofs.append(checked.proof)
    return max(proofs, key=lambda one: one == "judged"), meter


def quotes_of(evidence: Sequence[str]) -> list[Quote]:
    """Sentences as quotations of an article that holds nothing else."""
    texts = [text for one in evidence if (text := clean(one))]
    body = "\n".join(texts)
    article = Article("0" * 16, "", body, language=detect(body[:_HEAD]))
    quotes: list[Quote] = []
    place = 0
    for text in texts:
        quotes.append(Quote(article, place, place + len(text)))
        place += len(text) + 1
    return quotes


def _shares(rows: Sequence[tuple[bool, Proof | None]]) -> Rates:
    true = [proof for supported, proof in rows if supported]
    false = [proof for supported, proof in rows if not supported]
    return Rates(
        true=len(true),
        false=len(false),
        false_accept=sum(proof is not None for proof in false) / len(false) if false else None,
        false_refuse=sum(proof is None for proof in true) / len(true) if true else None,
        shortened=sum(proof in ("quoted", "shortened") for _, proof in rows),
        judged=sum(proof == "judged" for _, proof in rows),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
