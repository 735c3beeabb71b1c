-- Splits of instruments as they were known, each from its first session on
-- $symbols list : the instruments
-- Of several sources the one whose prices are shown.
SELECT symbol, date, split_ratio AS ratio, known_at
FROM prices JOIN {standing of prices_known per symbol of source
    where list_contains($symbols, symbol) AND close IS NOT NULL} AS stands USING (symbol, source)
WHERE standing = 1 AND list_contains($symbols, symbol)
    AND split_ratio > 0 AND split_ratio <> 1
ORDER BY symbol, date
