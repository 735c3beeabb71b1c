-- What a reader has read in the inbox: alerts and finished refreshes, each by its id.
CREATE TABLE inbox_read (
    reader TEXT NOT NULL,
    kind TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    read_at TEXT NOT NULL,
    PRIMARY KEY (reader, kind, item_id)
);
