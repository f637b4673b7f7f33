"""The tables of a catalogue, in the steps in which they came to be; an older file is brought up to date when opened.

`size` is a passage's number of terms. `text` stands last: SQLite then reads the small columns without walking through
it. Keys are never used twice (AUTOINCREMENT), so that a new version's vectors never overwrite those that questions are
still answered from. Vectors are copied as float16 because Chroma takes 7-10 ms to give 100 of them back (SQLite: 0.5
ms), and because an index that is lost is made again from them without the embedder.
"""

from collections.abc import Iterator

# The categories of the tokenizer make a token of whatever stands between spaces: terms are cut before they get here.
TERMS = """CREATE VIRTUAL TABLE terms USING fts5 (
    title, body, tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'")"""

_FIRST = f"""
{TERMS};
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'ready')),
    published INTEGER, language TEXT NOT NULL, publisher_folded TEXT NOT NULL, digest BLOB NOT NULL,
    fetched INTEGER NOT NULL, publisher TEXT NOT NULL, author TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE UNIQUE INDEX ready_articles ON articles (id) WHERE state = 'ready';
CREATE INDEX pending_articles ON articles (key) WHERE state = 'pending';
CREATE INDEX newest_articles ON articles (published DESC, key DESC) WHERE state = 'ready';
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, size INTEGER NOT NULL DEFAULT 0,
    UNIQUE (article, ordinal));
CREATE TABLE vectors (key INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE, vector BLOB NOT NULL);
CREATE VIRTUAL TABLE frequencies USING fts5vocab (terms, 'row');
CREATE TABLE origins (origin TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX origins_of ON origins (id);
CREATE TABLE orphans (key INTEGER PRIMARY KEY);
"""

_FEEDBACK = """
CREATE TABLE feedback (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, door TEXT NOT NULL, good INTEGER NOT NULL, reason TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, writer TEXT NOT NULL, quotes TEXT NOT NULL) WITHOUT ROWID;
"""

# Each step is run once, in one transaction with the others that a file lacks. A step that has been released is never
# changed again: what is new is a new step at the end.
_STEPS = (_FIRST, _FEEDBACK)

VERSION = len(_STEPS)
"""Of the tables, kept in SQLite's `user_version`: how many steps a file has behind it."""


def statements(version: int) -> Iterator[str]:
    """What brings a file of that version up to date."""
    for step in _STEPS[version:]:
        yield from (statement.strip() for statement in step.split(";\n") if statement.strip())
