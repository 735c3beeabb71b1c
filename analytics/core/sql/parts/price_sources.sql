-- Which sources hold sessions of some instruments, how many, and how they stand
-- $symbols list : the instruments
-- $since date = 1900-01-01 : first session
SELECT symbol, source, count(close) AS sessions, min(standing) AS standing
FROM prices
JOIN {standing of prices_known per symbol of source
    where date >= $since AND list_contains($symbols, symbol) AND close IS NOT NULL} AS stands
    USING (symbol, source)
WHERE date >= $since AND list_contains($symbols, symbol)
GROUP BY symbol, source
ORDER BY symbol, standing
