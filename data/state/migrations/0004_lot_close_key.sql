-- A sale that comes from a file bears the key of its row, as a lot does: the same file again sells
-- nothing twice. One sale may close parts of several lots, each of them once.
ALTER TABLE lot_close ADD COLUMN import_key TEXT;
CREATE UNIQUE INDEX lot_close_key ON lot_close (lot_id, import_key);
