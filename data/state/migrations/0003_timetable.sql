-- What the scheduler keeps fresh and what each source allows, as it said at its starts: a row per
-- start that said something new. When a job is due next is a fact of the present, kept in place.

CREATE TABLE timetable (
    id INTEGER PRIMARY KEY,
    posted_at TEXT NOT NULL,
    author TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX timetable_posted ON timetable (posted_at);

CREATE TABLE job_due (
    job TEXT PRIMARY KEY,
    due_at TEXT
);
