-- What the team noted of a moment: `about_at` is the moment itself, `written_at` when it was noted.
-- A note that is withdrawn stays on record, so that an earlier clock still has it.
CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    about_at TEXT NOT NULL,
    written_at TEXT NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    symbols TEXT NOT NULL DEFAULT '[]',
    withdrawn_at TEXT
);
CREATE INDEX note_about ON note (about_at);
