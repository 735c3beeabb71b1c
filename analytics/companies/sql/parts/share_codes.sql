-- Shares with what tells them apart, and the company whose they are where a source says so
-- $day date : the clock's day; those that were delisted before it are left out
SELECT symbol, source, ticker, venue, isin, figi, company
FROM instruments
WHERE asset_class = 'equity' AND (delisted_on IS NULL OR delisted_on >= $day)
ORDER BY symbol, source
