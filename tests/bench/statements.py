"""What each rule of the proof of statements is worth: false accepts and false refusals with it and without it.

    python tests/bench/statements.py PAIRS.jsonl

Pairs are those of `khabar eval --claims`. Besides PAIRS the statements of tests/data/shortenings.jsonl are checked,
which people wrote who did not know the rules. Printed are, for both: no judge; a judge that is always right, one that
finds everything supported, which leaves the vetoes alone, and one that says nothing; then the shortenings with each
list of words emptied or each way to leave something out forbidden, and the vetoes without each of them. A rule whose
line is like that of all rules, on both, is worth nothing.
"""

import dataclasses
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.answer import Quote
from assistant.evaluation.claims import Pair, quotes_of, read_pairs
from assistant.verification import check, proof, requoted, shortening, without_markup
from assistant.verification.lexicon import Lexicon, lexicon

SHORTENINGS = Path(__file__).resolve().parent.parent / "data" / "shortenings.jsonl"
WAYS = ("_is_title", "_is_aside", "_is_phrase", "_is_time", "_is_named", "_begins_anew")
GUARDS = ("_is_bounded", "_holds_back", "_is_speech")
VETOES = ("missing_figures", "missing_names", "changed_negation")

Judge = Callable[[Pair], Callable[[str, Sequence[str]], bool] | None]


def main(file: Path) -> None:
    """Print the figures."""
    for name, given in (("pairs", file), ("shortenings", SHORTENINGS)):
        read = [(pair, cited(pair)) for pair in read_pairs(given) if isinstance(pair, Pair)]
        print(f"{name}: {len(read)}")
        show("no judge, all rules", read, none)
        show("judge always right", read, lambda pair: lambda *_: pair.supported)
        show("judge finds all supported", read, everything)
        show("judge says nothing", read, lambda pair: lambda *_: False)
        for words in (field.name for field in dataclasses.fields(Lexicon) if field.type == frozenset[str]):
            with emptied(words):
                show(f"no judge, without {words}", read, none)
        for rule in WAYS:
            with changed(shortening._Sentence, rule, lambda *_: False):
                show(f"no judge, without {rule}", read, none)
        for rule in GUARDS:
            with changed(shortening._Sentence, rule, lambda *_: False):
                show(f"no judge, without {rule}", read, none)
        with changed(proof, "_in_speech", lambda *_: False):
            show("no judge, without _in_speech", read, none)
        for rule in VETOES:
            with changed(proof, rule, lambda *_: []):
                show(f"all supported, without {rule}", read, everything)


def none(pair: Pair) -> None:
    """No judge."""


def everything(pair: Pair) -> Callable[[str, Sequence[str]], bool]:
    """A judge that finds everything supported."""
    return lambda *_: True


def cited(pair: Pair) -> list[tuple[str, list[Quote]]]:
    """Each statement and its quotations."""
    return [requoted(without_markup(part.statement), quotes_of(part.evidence)) for part in pair.parts]


def show(name: str, read: Sequence[tuple[Pair, Sequence[tuple[str, list[Quote]]]]], judge: Judge) -> None:
    """One line: the means over the sets, and how many pairs were shown wrongly and rightly."""
    sets: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for pair, parts in read:
        asked = judge(pair)
        shown = all(check(text, quotes, supports=asked).proof for text, quotes in parts)
        sets[pair.set].append((pair.supported, shown))
    accepts = [
        sum(ok for true, ok in rows if not true) / max(1, sum(not true for true, _ in rows)) for rows in sets.values()
    ]
    refuses = [
        sum(not ok for true, ok in rows if true) / max(1, sum(true for true, _ in rows)) for rows in sets.values()
    ]
    every = [one for rows in sets.values() for one in rows]
    wrong, right = (sum(ok for true, ok in every if true is kind) for kind in (False, True))
    print(
        f"  {name:<36} false accept {sum(accepts) / len(accepts):.3f}  false refuse {sum(refuses) / len(refuses):.3f}"
        f"  shown wrongly {wrong:4}, rightly {right:4}",
        flush=True,
    )


@contextmanager
def emptied(words: str) -> Iterator[None]:
    """The lexicons without one of their lists."""

    def lacking(language: str) -> Lexicon | None:
        known = lexicon(language)
        return known and dataclasses.replace(known, **{words: frozenset()})

    with changed(shortening, "lexicon", lacking):
        yield


@contextmanager
def changed(owner: Any, name: str, instead: Any) -> Iterator[None]:  # noqa: ANN401
    """Another function in the place of one."""
    before = getattr(owner, name)
    setattr(owner, name, instead)
    try:
        yield
    finally:
        setattr(owner, name, before)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
