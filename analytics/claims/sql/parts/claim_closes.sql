-- Closes of some instruments as known at the clock, with splits and currency
-- $symbols list : the instruments
-- Of several sources the one that is shown.
SELECT symbol, source, asset_class, date, close, split_ratio, currency, known_at
FROM prices
JOIN {standing of prices_known per symbol of source
    where list_contains($symbols, symbol) AND close IS NOT NULL} AS stands
    USING (symbol, source)
WHERE list_contains($symbols, symbol) AND standing = 1
ORDER BY symbol, date
