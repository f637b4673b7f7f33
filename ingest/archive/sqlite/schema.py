"""The tables of a catalogue, as migrations; an older file is migrated when opened.

`size` is the number of terms in a passage. `text` is the last column, so that SQLite can read the small columns without
it. Keys are never reused (AUTOINCREMENT): the vectors of a new version must not overwrite those that a running search
still uses. The catalogue keeps a copy of the vectors, as float16, because reading 100 of them takes Chroma 7 to 10 ms
(SQLite: 0.5 ms), and because a lost index can then be rebuilt without the embedder. Passages with the same embedded
text share one vector.
"""

from collections.abc import Iterator

# With these categories the tokenizer splits only at spaces, because the terms are already split and folded.
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

# A signature holds an article's content digest (see `digests.content_digest`), its story (the key of the story's first
# article), and its bands (see `duplicates.lookup_keys`), which are needed to delete its rows in `bands`. `withdrawn`
# holds the retracted articles and `held` those under embargo, as JSON in `article`. `texts` holds the digests of all
# texts that a retracted article had.
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

# The state of the sources, see `source_state`. `first`, `checked`, `asked` and `at` are microseconds since 1970,
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

# The queue of questions from Slack. An answered question loses its text, but its key is kept so that it is not answered
# again. `place` orders the questions of a conversation. `slack_told` holds the fingerprints of the quotes that a watch
# has already posted. Times are microseconds since 1970.
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

# A point is one vector in the vector store, under the point's key. `text` is the digest of its embedded text (see
# `digests.point_name`). `shared` is 1 once the point is marked as shared by several articles in the vector store. In an
# archive of an older version, `text` is the key of a passage until `points.name_unnamed` names the point.
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

# All migrations that a file lacks run in one transaction. Never change a released migration; append a new one instead.
_MIGRATIONS = (_FIRST, _COPIES, _SOURCES, _SLACK, _FEEDBACK, _POINTS)

DERIVED_TABLES = frozenset(
    {"articles", "passages", "points", "terms", "frequencies", "orphans", "signatures", "bands", "meta"}
)
"""The tables of articles and of data derived from them. A repair copies the rows of every other table."""

VERSION = len(_MIGRATIONS)
"""The version of the format: the number of migrations, stored in SQLite's `user_version`."""


def statements(version: int) -> Iterator[str]:
    """Yield the statements that migrate a file from a version to the current one."""
    for migration in _MIGRATIONS[version:]:
        yield from (statement.strip() for statement in migration.split(";\n") if statement.strip())
