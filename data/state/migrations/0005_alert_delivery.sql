-- What became of an alert on its way out: one line per alert that was tried, settled once it was
-- sent, or will not be tried any more.
CREATE TABLE alert_delivery (
    alert_id INTEGER PRIMARY KEY REFERENCES alert (id),
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    next_at TEXT,
    settled_at TEXT,
    note TEXT NOT NULL DEFAULT ''
);
