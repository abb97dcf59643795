-- The rules that each version of an app's rules replaced; the first version replaced none.
CREATE TABLE rule_versions (
    app      INTEGER NOT NULL REFERENCES apps (key),
    version  INTEGER NOT NULL,
    replaced TEXT NOT NULL,
    created  INTEGER NOT NULL,
    PRIMARY KEY (app, version)
) STRICT, WITHOUT ROWID;
