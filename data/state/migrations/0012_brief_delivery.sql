-- What became of each daily brief: one line per clock and channel, settled once it was sent.
CREATE TABLE brief_delivery (
    as_of TEXT NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    settled_at TEXT,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (as_of, channel)
);
