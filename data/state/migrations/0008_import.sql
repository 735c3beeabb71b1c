-- What one file entered, so that it can be undone whole: its lots, closings and bookings bear its id.
CREATE TABLE trade_import (
    id INTEGER PRIMARY KEY,
    portfolio TEXT NOT NULL,
    file_name TEXT NOT NULL,
    layout TEXT NOT NULL DEFAULT '',
    author TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    undone_by TEXT,
    undone_at TEXT
);
CREATE INDEX trade_import_portfolio ON trade_import (portfolio, recorded_at);
ALTER TABLE lot ADD COLUMN import_id INTEGER REFERENCES trade_import (id);
ALTER TABLE lot_close ADD COLUMN import_id INTEGER REFERENCES trade_import (id);

-- What a broker booked besides trades: dividends, interest, cash, fees, taxes. What a file did not
-- state is null.
CREATE TABLE ledger_entry (
    id INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL REFERENCES trade_import (id),
    portfolio TEXT NOT NULL,
    kind TEXT NOT NULL,
    symbol TEXT,
    amount DOUBLE PRECISION,
    currency TEXT NOT NULL DEFAULT '',
    quantity DOUBLE PRECISION,
    booked_at TEXT,
    text TEXT NOT NULL DEFAULT '',
    import_key TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    voided_at TEXT,
    UNIQUE (portfolio, import_key)
);
CREATE INDEX ledger_entry_booked ON ledger_entry (portfolio, booked_at);

-- A layout of files that a reader's choices made, found again by the names of its columns.
CREATE TABLE file_layout (
    id INTEGER PRIMARY KEY,
    signature TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TEXT NOT NULL
);
