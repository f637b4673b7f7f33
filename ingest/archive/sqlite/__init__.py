"""A `Catalogue` in one SQLite file."""

from ingest.archive.sqlite.sqlite_catalogue import SQLiteCatalogue

__all__ = ["SQLiteCatalogue"]
