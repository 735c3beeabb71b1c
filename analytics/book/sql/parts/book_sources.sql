-- How the sources of some instruments stand
-- $symbols list : the instruments
-- $since date : no older session counts
SELECT symbol, source, {gathered}
FROM prices
WHERE date >= $since AND list_contains($symbols, symbol) AND close IS NOT NULL
GROUP BY symbol, source
ORDER BY symbol, source
