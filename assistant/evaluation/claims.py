"""Measure how statements are proven: how many false ones are shown as written, and how many true ones are not.

The pairs are JSON Lines: `{"statement": "...", "evidence": ["..."], "supported": true, "set": "..."}`, or, where
several statements must all hold, `{"parts": [{"statement", "evidence"}, ...], "supported", "set"}`.
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

_THREADS = 8  # where a judge is asked
_HEAD = 2_000  # characters from which the language is detected


class Part(BaseModel):
    """A statement and the sentences that it cites."""

    statement: str = Field(min_length=1, max_length=20_000)
    evidence: list[str] = Field(min_length=1, max_length=100)


class Pair(BaseModel):
    """One or more statements; `supported` says whether their sentences support all of them."""

    set: str = "all"
    supported: bool
    parts: list[Part] = Field(min_length=1, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _single_part(cls, data: object) -> object:
        if isinstance(data, dict) and "parts" not in data:
            return {**data, "parts": [{name: data.get(name) for name in ("statement", "evidence")}]}
        return data


@dataclass(frozen=True, slots=True)
class Rates:
    """The results of one set of pairs.

    Attributes:
        true: how many pairs are supported.
        false: how many are not.
        false_accept: the share of unsupported pairs that are shown as written; None where there are none.
        false_refuse: the share of supported pairs whose sentences are quoted instead; None where there are none.
        shortened: how many are shown because they shorten or repeat their sentences.
        judged: how many are shown because the judge found them supported.
    """

    true: int
    false: int
    false_accept: float | None
    false_refuse: float | None
    shortened: int
    judged: int


@dataclass(frozen=True, slots=True)
class Report:
    """The rates of every set and their means, what the judge took, and the lines that could not be read."""

    sets: dict[str, Rates]
    false_accept: float | None
    false_refuse: float | None
    judge: str
    requests: int
    seconds: float
    problems: tuple[str, ...]


def measure(file: Path, judge: Judge | None, progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Check every pair of a file.

    Args:
        file: JSON Lines; see this module.
        judge: asked about statements that are no shortenings; None to do without.
        progress: called with the number of pairs that are done and of all pairs.

    Raises:
        SourceError: the file cannot be read, or holds no pair.
    """
    pairs: list[Pair] = []
    problems: list[str] = []
    for item in read_pairs(file):
        if isinstance(item, Pair):
            pairs.append(item)
        else:
            problems.append(item)
    if not pairs:
        raise SourceError(str(file), f"holds no pair; {problems[0]}" if problems else "holds no pair")
    usage, started = UsageMeter(), time.perf_counter()
    results: dict[str, list[tuple[bool, Proof | None]]] = defaultdict(list)
    with ThreadPoolExecutor(_THREADS if judge else 1) as pool:
        checks = zip(pairs, pool.map(lambda pair: _check(pair, judge), pairs), strict=True)
        for done, (pair, (proof, pair_usage)) in enumerate(checks, 1):
            usage.add(pair_usage)
            results[pair.set].append((pair.supported, proof))
            progress(done, len(pairs))
    rates = {name: _rates(rows) for name, rows in sorted(results.items())}
    return Report(
        sets=rates,
        false_accept=_mean([one.false_accept for one in rates.values()]),
        false_refuse=_mean([one.false_refuse for one in rates.values()]),
        judge=judge.name if judge else "",
        requests=usage.usage.requests if usage.usage else 0,
        seconds=time.perf_counter() - started,
        problems=tuple(problems),
    )


def read_pairs(file: Path) -> Iterator[Pair | str]:
    """Read the pairs of a file; a line that cannot be read becomes a message.

    Raises:
        SourceError: the file cannot be read.
    """
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


def _check(pair: Pair, judge: Judge | None) -> tuple[Proof | None, UsageMeter]:
    """How a pair is proven, and what the judge took. None where a part is not proven, "judged" where one is judged."""
    usage = UsageMeter()
    supports = partial(judge.supports, usage=usage) if judge else None
    proofs: list[Proof] = []
    for part in pair.parts:
        checked = shown_as_written(part.statement, quotes_of(part.evidence), supports=supports)
        if not checked.proof:
            return None, usage
        proofs.append(checked.proof)
    return max(proofs, key=lambda proof: proof == "judged"), usage


def quotes_of(evidence: Sequence[str]) -> list[Quote]:
    """Turn sentences into quotations of an article that holds nothing else."""
    texts = [text for sentence in evidence if (text := clean(sentence))]
    body = "\n".join(texts)
    article = Article("0" * 16, "", body, language=detect(body[:_HEAD]))
    quotes: list[Quote] = []
    start = 0
    for text in texts:
        quotes.append(Quote(article, start, start + len(text)))
        start += len(text) + 1
    return quotes


def _rates(rows: Sequence[tuple[bool, Proof | None]]) -> Rates:
    true = [proof for supported, proof in rows if supported]
    false = [proof for supported, proof in rows if not supported]
    return Rates(
        true=len(true),
        false=len(false),
        false_accept=_mean([float(proof is not None) for proof in false]),
        false_refuse=_mean([float(proof is None) for proof in true]),
        shortened=sum(proof in ("quoted", "shortened") for _, proof in rows),
        judged=sum(proof == "judged" for _, proof in rows),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
