-- Splits of instruments as they were known, each from its first session on
-- $symbols list : the instruments
-- Where several sources have one, it counts once; the largest is taken where they differ.
SELECT symbol, date, max(split_ratio) AS ratio, max(known_at) AS known_at
FROM prices
WHERE list_contains($symbols, symbol) AND split_ratio > 0 AND split_ratio <> 1
GROUP BY symbol, date
ORDER BY symbol, date
