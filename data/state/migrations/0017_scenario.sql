-- Scenarios of all kinds: what was assumed, at which clock, and the hash of the result. One row for
-- each version; to delete is one more version, with its date. A row is never changed.
CREATE TABLE scenario (
    scenario_id INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    owner TEXT NOT NULL,
    author TEXT NOT NULL,
    as_of TEXT NOT NULL,
    parameters TEXT NOT NULL,
    result_hash TEXT NOT NULL,
    is_deleted INTEGER NOT NULL DEFAULT 0 CHECK (is_deleted IN (0, 1)),
    created_at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (scenario_id, version)
);
CREATE INDEX scenario_kind ON scenario (kind, created_at);
CREATE TRIGGER scenario_update BEFORE UPDATE ON scenario
BEGIN SELECT RAISE(ABORT, 'a version of a scenario is never changed'); END;
CREATE TRIGGER scenario_delete BEFORE DELETE ON scenario
BEGIN SELECT RAISE(ABORT, 'a version of a scenario is never deleted'); END;
