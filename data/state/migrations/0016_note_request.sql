-- Notes that a model was asked for: one row for each, with the question of each of its sections, by
-- the id of its check. It ends with the note that came of it, or with the reason why none did.
CREATE TABLE note_request (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    entity TEXT NOT NULL,
    as_of TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    questions TEXT NOT NULL,
    ended_at TEXT,
    note_id INTEGER REFERENCES analyst_note (id),
    message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX note_request_open ON note_request (asked_by, ended_at);
