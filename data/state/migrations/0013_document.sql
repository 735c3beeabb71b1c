-- Texts whose numbers are checked, ours and those of others. A version is never changed: what is
-- corrected is a new one, dated when it was entered; `published_at` is the clock of its check.
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    side TEXT NOT NULL CHECK (side IN ('ours', 'theirs'))
);
CREATE TABLE document_version (
    document_id INTEGER NOT NULL REFERENCES document (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    site TEXT NOT NULL,
    url TEXT NOT NULL,
    language TEXT NOT NULL,
    format TEXT NOT NULL,
    file_name TEXT NOT NULL,
    published_at TEXT NOT NULL,
    draft TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (document_id, version)
);

-- The ledger of claims: a chain, each entry with the hash of the one before it. `version` and
-- `place` are 0 where an entry is of a whole document or of a whole version.
CREATE TABLE claim_ledger (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('version', 'status', 'statement', 'verdict')),
    document_id INTEGER NOT NULL REFERENCES document (id),
    version INTEGER NOT NULL,
    place INTEGER NOT NULL,
    author TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    content TEXT NOT NULL,
    previous TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL
);
CREATE INDEX claim_ledger_of ON claim_ledger (document_id, kind, version, place, id);
CREATE INDEX claim_ledger_recorded ON claim_ledger (kind, recorded_at);

-- The queries behind verdicts, each text once.
CREATE TABLE claim_query (
    sha256 TEXT PRIMARY KEY,
    sql TEXT NOT NULL
);

-- By which state of the lake the claims of a version were checked last. Only the present is kept: it
-- decides what is checked next and shows nothing.
CREATE TABLE claim_check (
    document_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    lake TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    PRIMARY KEY (document_id, version),
    FOREIGN KEY (document_id, version) REFERENCES document_version (document_id, version)
);

-- What is on record stays. (In Postgres: REVOKE UPDATE, DELETE on these tables.)
CREATE TRIGGER claim_ledger_update BEFORE UPDATE ON claim_ledger
BEGIN SELECT RAISE(ABORT, 'the ledger of claims is never changed'); END;
CREATE TRIGGER claim_ledger_delete BEFORE DELETE ON claim_ledger
BEGIN SELECT RAISE(ABORT, 'the ledger of claims is never changed'); END;
CREATE TRIGGER document_version_update BEFORE UPDATE ON document_version
BEGIN SELECT RAISE(ABORT, 'a version of a document is never changed'); END;
CREATE TRIGGER document_version_delete BEFORE DELETE ON document_version
BEGIN SELECT RAISE(ABORT, 'a version of a document is never changed'); END;
