# ruff: noqa: S608 - statements are joined from our own constants, values are bound
"""Check a catalogue for damage."""

from collections.abc import Sequence

from ingest.archive.sqlite.article_rows import FIELDS, ArticleReader, verified
from ingest.archive.sqlite.database import Database
from ingest.archive.sqlite.near_duplicates import NearDuplicates
from ingest.archive.types import Problem
from ingest.article import Article
from ingest.errors import ArchiveDamaged

_PAGE = 500  # articles read at once
_LISTED = 10  # ids shown in a message


def find_problems(database: Database, reader: ArticleReader, near_duplicates: NearDuplicates) -> list[Problem]:
    """Check everything that a catalogue stores."""
    with database.lock:
        problems = [
            Problem("unreadable", f"the catalogue is damaged: {row[0]}")
            for row in database.rows("PRAGMA integrity_check(5)")
            if row[0] != "ok"
        ]
        if problems:
            return problems
        if altered := altered_articles(database):
            message = f"{len(altered):,} articles are not as they were stored: {listed(altered)}"
            problems.append(Problem("articles", message))
        if incomplete := incomplete_articles(database, reader):
            message = f"{len(incomplete):,} articles whose text is not fully covered by passages with vectors"
            problems.append(Problem("passages", message))
        if unindexed := _count_without_terms(database):
            message = f"{unindexed:,} passages that are missing or wrong in the full-text index"
            problems.append(Problem("terms", message))
        if faults := near_duplicates.count_faults():
            message = f"{faults:,} articles that are missing or wrong in the index of near-duplicates"
            problems.append(Problem("copies", message))
        return problems


def listed(ids: Sequence[str]) -> str:
    """Join the first ids of a list, for a message."""
    return ", ".join(ids[:_LISTED]) + (" ..." if len(ids) > _LISTED else "")


def altered_articles(database: Database) -> list[str]:
    """The ids of the articles whose digest is wrong: SQLite itself does not detect altered text."""
    altered: list[str] = []
    last = 0
    while rows := database.rows(
        f"SELECT key, digest, {FIELDS} FROM articles WHERE state = 'ready' AND key > ? ORDER BY key LIMIT {_PAGE}", last
    ):
        altered += [row[2] for row in rows if verified(row[2:], row[1]) is None]
        last = rows[-1][0]
    return altered


def incomplete_articles(database: Database, reader: ArticleReader) -> list[Article]:
    """The articles whose passages exceed the text, miss part of it, or lack a vector."""
    incomplete: list[Article] = []
    dimension = int(database.get_meta("dimension") or 0)
    for (key,) in database.rows("SELECT key FROM articles WHERE state = 'ready'"):
        article = reader.by_keys([key]).get(key)
        if article is None:
            continue  # altered, which is reported separately
        spans = database.rows("SELECT start, end FROM passages WHERE article = ? ORDER BY ordinal", key)
        vectors = database.number(
            "SELECT count(*) FROM passages p JOIN points v ON v.key = p.point "
            "WHERE p.article = ? AND length(v.vector) = ?",
            key, 2 * dimension,
        )  # fmt: skip
        if vectors != len(spans) or not _covers(article.text, spans):
            incomplete.append(article)
    return incomplete


def _covers(text: str, spans: list[tuple[int, int]]) -> bool:
    """Whether spans lie within a text and together cover everything except white space."""
    covered = 0
    for start, end in spans:
        if not 0 <= start < end <= len(text) or text[covered:start].strip():
            return False
        covered = max(covered, end)
    return not text[covered:].strip()


def _count_without_terms(database: Database) -> int:
    ready = "SELECT p.key FROM passages p JOIN articles a ON a.key = p.article WHERE a.state = 'ready'"
    try:
        database.rows("INSERT INTO terms (terms) VALUES ('integrity-check')")
    except ArchiveDamaged:
        return database.number(f"SELECT count(*) FROM ({ready})")
    return database.number(
        f"SELECT (SELECT count(*) FROM ({ready} EXCEPT SELECT rowid FROM terms)) "
        f"+ (SELECT count(*) FROM (SELECT rowid FROM terms EXCEPT {ready}))"
    )
