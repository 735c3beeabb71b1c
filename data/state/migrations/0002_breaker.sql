-- One line per source: how its last calls went (newest last, `.` good and `x` bad) and until when
-- it is left alone.

CREATE TABLE breaker (
    source TEXT PRIMARY KEY,
    recent TEXT NOT NULL DEFAULT '',
    opened INTEGER NOT NULL DEFAULT 0 CHECK (opened >= 0),
    opened_at TEXT,
    until_at TEXT,
    reason TEXT NOT NULL DEFAULT ''
);
