-- Attribute keys are unique in the file, so triples need no app column: every app has its own row for
-- each attribute of the system catalog.
CREATE TABLE apps (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           BLOB NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    token_hash   BLOB NOT NULL,
    created      INTEGER NOT NULL,
    expires      INTEGER,
    status       TEXT NOT NULL,
    rules        TEXT,
    -- Grows with every change of the app's attributes; readers key their cached catalog by it.
    attr_version INTEGER NOT NULL
) STRICT;

CREATE TABLE attrs (
    key    INTEGER PRIMARY KEY AUTOINCREMENT,
    app    INTEGER NOT NULL REFERENCES apps (key),
    id     BLOB NOT NULL,
    -- Which table holds the triples: `entities`, `blobs` or `refs`.
    place  TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (app, id)
) STRICT;

-- The `id` triples: which entities exist. `attr` is the `id` attribute of the entity type.
CREATE TABLE entities (
    attr    INTEGER NOT NULL,
    entity  BLOB NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (attr, entity)
) STRICT, WITHOUT ROWID;

CREATE INDEX entities_by_age ON entities (attr, created, entity);

-- Values. Clustered by entity, so that an object is read from one place.
CREATE TABLE blobs (
    entity   BLOB NOT NULL,
    attr     INTEGER NOT NULL,
    value    TEXT NOT NULL,
    sort_key ANY COLLATE instant,
    -- Whether the attribute is indexed or unique, and so whether this row is in the index below.
    ranked   INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    PRIMARY KEY (entity, attr)
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_by_key ON blobs (attr, sort_key, entity) WHERE ranked = 1;

-- Links, readable from both ends.
CREATE TABLE refs (
    attr    INTEGER NOT NULL,
    source  BLOB NOT NULL,
    target  BLOB NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (attr, source, target)
) STRICT, WITHOUT ROWID;

CREATE INDEX refs_by_target ON refs (attr, target, source);

CREATE TABLE transactions (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    app     INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- What the query planner is to expect of any app: how many rows share the first columns of an index. Without
-- it, SQLite takes all values of an attribute to be about as few as those equal to one value.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('entities', 'entities', '1000000 50000 1'),
    ('entities', 'entities_by_age', '1000000 50000 2 1'),
    ('blobs', 'blobs', '1000000 10 1'),
    ('blobs', 'blobs_by_key', '1000000 50000 10 1'),
    ('refs', 'refs', '1000000 50000 3 1'),
    ('refs', 'refs_by_target', '1000000 50000 20 1');
