-- Which sources hold sessions of some instruments, and how many
-- $symbols list : the instruments
-- $since date = 1900-01-01 : first session
SELECT symbol, source, count(close) AS sessions
FROM prices
WHERE date >= $since AND list_contains($symbols, symbol)
GROUP BY symbol, source
ORDER BY symbol, sessions DESC, source
