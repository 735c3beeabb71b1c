-- Who reads the pages: an id that a cookie carries, and the name that the reader typed.
CREATE TABLE reader (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    named_at TEXT
);

-- What a reader chose for the pages, and when that reader was last here. Only the present is kept.
CREATE TABLE reader_setting (
    reader TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    set_at TEXT NOT NULL,
    PRIMARY KEY (reader, key)
);
