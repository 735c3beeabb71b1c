-- Notes on instruments, companies, countries and lists, as they were written: one row for each note,
-- also for one that was withheld, with its facts and what it cost, null where that is not known. A row is never changed.
CREATE TABLE analyst_note (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    as_of TEXT NOT NULL,
    written_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('template', 'model', 'withheld')),
    knows_future INTEGER NOT NULL CHECK (knows_future IN (0, 1)),
    sections TEXT NOT NULL,
    facts TEXT NOT NULL,
    problems TEXT NOT NULL DEFAULT '[]',
    model TEXT NOT NULL DEFAULT '',
    prompt_version TEXT NOT NULL DEFAULT '',
    temperature REAL,
    tokens INTEGER CHECK (tokens >= 0),
    dollars REAL CHECK (dollars >= 0),
    hypothesis_id INTEGER REFERENCES hypothesis (id),
    CHECK (knows_future = 0 OR hypothesis_id IS NULL),
    CHECK (status <> 'withheld' OR hypothesis_id IS NULL)
);
CREATE INDEX analyst_note_entity ON analyst_note (entity, written_at);
CREATE INDEX analyst_note_author ON analyst_note (author, written_at);
CREATE TRIGGER analyst_note_is_final BEFORE UPDATE ON analyst_note
BEGIN
    SELECT RAISE(ABORT, 'a note that is archived is never changed');
END;
