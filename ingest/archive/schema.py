"""The tables of a catalogue, in the steps in which they came to be; an older file is brought up to date when opened.

`size` is a passage's number of terms. `text` stands last: SQLite then reads the small columns without walking through
it. Keys are never used twice (AUTOINCREMENT), so that a new version's vectors never overwrite those that questions are
still answered from. Vectors are copied as float16 because Chroma takes 7-10 ms to give 100 of them back (SQLite: 0.5
ms), and because an index that is lost is made again from them without the embedder. Passages that were embedded from
the same text share one vector.
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

# A signature is what an article is known by among others: `content` (see `copies.content`), the story that it tells,
# named by its first article's key, and its bands (see `duplicates.keys`) for deleting them. A copy of a withdrawn text
# is known by the digests in `texts`. Articles in `held` and `withdrawn` have their columns as JSON.
_COPIES = """
ALTER TABLE articles ADD COLUMN modified INTEGER;
ALTER TABLE articles ADD COLUMN corrected INTEGER;
CREATE TABLE signatures (
    article INTEGER PRIMARY KEY REFERENCES articles (key) ON DELETE CASCADE, story INTEGER NOT NULL,
    content BLOB NOT NULL, bands BLOB NOT NULL);
CREATE INDEX stories ON signatures (story);
CREATE INDEX contents ON signatures (content);
CREATE TABLE bands (band INTEGER NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (band, article)) WITHOUT ROWID;
CREATE TABLE versions (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, replaced INTEGER NOT NULL, published INTEGER,
    modified INTEGER, fetched INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX versions_of ON versions (id);
CREATE TABLE aliases (alias TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX aliases_of ON aliases (id);
CREATE TABLE withdrawn (
    id TEXT PRIMARY KEY, moment INTEGER NOT NULL, reason TEXT NOT NULL, article TEXT NOT NULL, texts TEXT NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE held (
    id TEXT PRIMARY KEY, until INTEGER NOT NULL, article TEXT NOT NULL, origin TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX held_until ON held (until);
"""

# What is remembered of the sources, see `memory`. `first`, `checked`, `asked` and `at` are microseconds since 1970,
# `interval` is seconds.
_SOURCES = """
CREATE TABLE visits (
    source TEXT NOT NULL, entry TEXT NOT NULL, url TEXT NOT NULL, article TEXT NOT NULL, own_words INTEGER NOT NULL,
    digest TEXT NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL, first INTEGER NOT NULL, checked INTEGER NOT NULL,
    PRIMARY KEY (source, entry)) WITHOUT ROWID;
CREATE TABLE sources (
    source TEXT PRIMARY KEY, interval REAL NOT NULL, asked INTEGER NOT NULL, problem TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE arrivals (
    source TEXT NOT NULL, at INTEGER NOT NULL, articles INTEGER NOT NULL, PRIMARY KEY (source, at)) WITHOUT ROWID;
"""

# What Slack asks waits here until it is answered; then its words are erased, and the keys stay so that it is not
# answered again. `place` orders the questions of a conversation. Times are microseconds since 1970.
_SLACK = """
CREATE TABLE slack_tasks (
    key TEXT PRIMARY KEY, event TEXT UNIQUE, conversation TEXT NOT NULL, place TEXT NOT NULL, payload TEXT NOT NULL,
    came INTEGER NOT NULL, owner TEXT NOT NULL DEFAULT '', until INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, reply TEXT NOT NULL DEFAULT '', done INTEGER) WITHOUT ROWID;
CREATE INDEX slack_waiting ON slack_tasks (conversation, place) WHERE done IS NULL;
CREATE INDEX slack_conversations ON slack_tasks (conversation);
CREATE TABLE slack_watches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, thread TEXT NOT NULL, question TEXT NOT NULL,
    user TEXT NOT NULL, came INTEGER NOT NULL, due INTEGER NOT NULL, UNIQUE (channel, thread));
CREATE TABLE slack_told (
    watch INTEGER NOT NULL REFERENCES slack_watches (number) ON DELETE CASCADE, print TEXT NOT NULL,
    PRIMARY KEY (watch, print)) WITHOUT ROWID;
"""

_FEEDBACK = """
CREATE TABLE feedback (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, door TEXT NOT NULL, good INTEGER NOT NULL, reason TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, writer TEXT NOT NULL, quotes TEXT NOT NULL) WITHOUT ROWID;
"""

# A point is one vector in Chroma, under the point's key. `text` is the digest of what was embedded for it (see
# `records.text_digest`), so that all passages of the same text share it: hundreds of equal vectors in Chroma's graph
# make other vectors unreachable. `shared` is 1 once Chroma knows that passages of several articles share it. A point
# of an older archive has the key of its passage until `points.merge` has named it.
_POINTS = """
CREATE TABLE points (
    key INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB NOT NULL UNIQUE, vector BLOB NOT NULL,
    shared INTEGER NOT NULL DEFAULT 0);
INSERT INTO points (key, text, vector) SELECT key, key, vector FROM vectors;
DELETE FROM sqlite_sequence WHERE name = 'points';
INSERT INTO sqlite_sequence (name, seq) SELECT 'points', seq FROM sqlite_sequence WHERE name = 'passages';
ALTER TABLE passages ADD COLUMN point INTEGER REFERENCES points (key);
UPDATE passages SET point = key WHERE key IN (SELECT key FROM points);
CREATE INDEX passages_of_points ON passages (point);
DROP TABLE vectors;
INSERT OR REPLACE INTO meta SELECT 'points', 'unnamed' FROM points LIMIT 1;
"""

# Each step is run once, in one transaction with the others that a file lacks. A step that has been released is never
# changed again: what is new is a new step at the end.
_STEPS = (_FIRST, _COPIES, _SOURCES, _SLACK, _FEEDBACK, _POINTS)

MADE = frozenset({"articles", "passages", "points", "terms", "frequencies", "orphans", "signatures", "bands", "meta"})
"""The articles and what is made from them. What stands in any other table is known nowhere else: a repair saves it."""

VERSION = len(_STEPS)
"""Of the tables, kept in SQLite's `user_version`: how many steps a file has behind it."""


def statements(version: int) -> Iterator[str]:
    """What brings a file of that version up to date."""
    for step in _STEPS[version:]:
        yield from (statement.strip() for statement in step.split(";\n") if statement.strip())
