-- What the team asked to have changed of a company: one row for each, with the values as JSON. It
-- ends when the scheduler has written it into the lake, or with the reason why it did not.
CREATE TABLE company_edit (
    id INTEGER PRIMARY KEY,
    company TEXT NOT NULL,
    changes TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    ended_at TEXT,
    message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX company_edit_open ON company_edit (ended_at, company);
