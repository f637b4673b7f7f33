import json
from pathlib import Path

import pytest

from assistant.evaluation.claims import measure
from ingest.errors import SourceError

SENTENCE = "Nineteen people were injured in the flood of Port Oskara on Monday, the city hospital said."
SHORT = "Nineteen people were injured in the flood of Port Oskara, the city hospital said."
WRONG = "Ninety people were injured in the flood of Port Oskara, the city hospital said."


def test_the_rates_are_those_counted_by_hand(tmp_path: Path) -> None:
    pairs: list[object] = [
        {"statement": SHORT, "evidence": [SENTENCE], "supported": True},
        {"statement": "A flood injured nineteen.", "evidence": [SENTENCE], "supported": True},
        {"statement": WRONG, "evidence": [SENTENCE], "supported": False},
        {
            "parts": [{"statement": SHORT, "evidence": [SENTENCE]}, {"statement": WRONG, "evidence": [SENTENCE]}],
            "supported": False,
            "set": "parts",
        },
    ]
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, pairs)) + "\n{\n", "utf-8")
    calls: list[tuple[int, int]] = []
    report = measure(file, None, lambda done, total: calls.append((done, total)))
    assert {name: (one.true, one.false) for name, one in report.sets.items()} == {"all": (2, 1), "parts": (0, 1)}
    assert (report.sets["all"].false_accept, report.sets["all"].false_refuse) == (0.0, 0.5)
    assert (report.sets["parts"].false_accept, report.sets["parts"].false_refuse) == (0.0, None)
    assert (report.false_accept, report.false_refuse, report.judge, report.requests) == (0.0, 0.5, "", 0)
    assert [problem.partition(":")[0] for problem in report.problems] == ["line 5"]
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_file_without_pairs_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text("[]\n", "utf-8")
    with pytest.raises(SourceError, match="holds no pair; line 1: not a pair"):
        measure(file, None)
