-- Closes and splits of some instruments with their currencies
-- $symbols list : the instruments
-- $since date : no older session is read
SELECT symbol, source, asset_class, date, close, split_ratio, currency
FROM prices
WHERE date >= $since AND list_contains($symbols, symbol)
    AND (close IS NOT NULL OR split_ratio IS NOT NULL)
ORDER BY symbol, source, asset_class, date
