-- Splits of instruments after a day and up to another
-- $symbols list : instruments
-- $first date : the day after which they count
-- $last date : the last day
SELECT symbol, date, split_ratio
FROM prices
JOIN {standing of prices_known per symbol of source where list_contains($symbols, symbol)} AS stands
    USING (symbol, source)
WHERE standing = 1 AND list_contains($symbols, symbol) AND date > $first AND date <= $last
    AND split_ratio > 0 AND split_ratio <> 1
ORDER BY symbol, date
