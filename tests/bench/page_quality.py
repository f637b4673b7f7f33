"""Measure what is read from saved pages against what is known of them.

    python tests/bench/page_quality.py FOLDER

FOLDER holds `en` with pages NAME.html and `ground-truth.json`, {NAME: {"articleBody", "url"}}, and `ar` with pages and
`manifest.json`, [{"file", "url", "date", "title", "text"}]. F1 is that of the words (counted), and that of the
article-extraction-benchmark: of runs of four words, of the means of precision and recall. Trafilatura's own result
stands beside ours.
"""

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from statistics import mean

import trafilatura

from ingest.article import Article
from ingest.language import one_line
from ingest.sources import Defaults, Document, Item
from ingest.sources.html import read_html
from ingest.sources.reader import read_document


def main(folder: Path) -> None:
    """Read, print."""
    truth = json.loads((folder / "en" / "ground-truth.json").read_text("utf-8"))
    for name, read in (("khabar", ours), ("trafilatura", theirs)):
        texts = {key: read((folder / "en" / f"{key}.html").read_bytes(), known["url"]) for key, known in truth.items()}
        scores = {key: (f1(known["articleBody"], texts[key], 1), key[:8]) for key, known in truth.items()}
        shingles = [parts(known["articleBody"], texts[key], 4) for key, known in truth.items()]
        precision, recall = mean(p for p, _ in shingles), mean(r for _, r in shingles)
        print(
            f"en  {name:<12} {len(truth)} pages: word F1 {mean(score for score, _ in scores.values()):.4f}, "
            f"F1 of four words {2 * precision * recall / (precision + recall):.4f} "
            f"(precision {precision:.4f}, recall {recall:.4f}); lowest "
            + ", ".join(f"{key} {score:.3f}" for score, key in sorted(scores.values())[:4])
        )
    manifest = json.loads((folder / "ar" / "manifest.json").read_text("utf-8"))
    for known in manifest:
        article = read_page((folder / "ar" / known["file"]).read_bytes(), known["url"])
        if article is None:
            print(f"ar  {known['file']}: no article")
            continue
        day = article.published.astimezone(UTC).date().isoformat() if article.published else None
        marks = [f"date {day} {right(day == known['date']) if known.get('date') else '(not known)'}"]
        if known.get("title"):
            marks.append(f"title {right(article.title == one_line(known['title']))}")
        if known.get("text"):
            marks.append(f"word F1 {f1(known['text'], article.text, 1):.4f}")
        for name, wanted in (("must_contain", True), ("must_not_contain", False)):
            for words in known.get(name, []):
                marks.append(f"{name} {right((one_line(words) in one_line(article.text)) is wanted)}")
        print(f"ar  {known['file']}: {', '.join(marks)}: {article.title}")


def right(same: bool) -> str:
    """A word for it."""
    return "right" if same else "WRONG"


def read_page(data: bytes, url: str) -> Article | None:
    """Our article of a page."""
    item = next(read_document(read_html, Document(io.BytesIO(data), url, url=url), Defaults(), None))
    return item.article if isinstance(item, Item) else None


def ours(data: bytes, url: str) -> str:
    """Our text of a page."""
    article = read_page(data, url)
    return article.text if article else ""


def theirs(data: bytes, url: str) -> str:
    """Trafilatura's text of a page."""
    return trafilatura.extract(data, url=url, include_comments=False) or ""


def parts(true: str, found: str, size: int) -> tuple[float, float]:
    """Precision and recall of runs of words."""
    (one, other) = (Counter(runs(text, size)) for text in (true, found))
    common = sum((one & other).values())
    if not one and not other:
        return 1.0, 1.0
    return common / max(other.total(), 1), common / max(one.total(), 1)


def f1(true: str, found: str, size: int) -> float:
    """The harmonic mean of both."""
    precision, recall = parts(true, found, size)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def runs(text: str, size: int) -> list[tuple[str, ...]]:
    """All runs of so many words; the whole of a shorter text."""
    words: list[str] = re.findall(r"\w+", text)
    cut: Callable[[int], tuple[str, ...]] = lambda start: tuple(words[start : start + size])  # noqa: E731
    return [cut(start) for start in range(max(1, len(words) - size + 1))] if words else []


if __name__ == "__main__":
    main(Path(sys.argv[1]))
