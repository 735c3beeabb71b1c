-- The last close in dollars up to a quarter's end, and the product of the splits since the quarter
-- before
-- $symbols list : instruments
-- $before date : end of the quarter before
-- $day date : end of the quarter
-- $oldest int : how many days before the quarter's end the close may lie
SELECT symbol,
    arg_max(close, date) FILTER (
        close > 0 AND currency = 'USD' AND date >= $day - CAST($oldest AS INTEGER)
    ) AS close,
    product(CASE WHEN split_ratio > 0 AND date > $before THEN split_ratio ELSE 1 END) AS split
FROM prices
JOIN {standing of prices_known per symbol of source where list_contains($symbols, symbol)} AS stands
    USING (symbol, source)
WHERE standing = 1 AND list_contains($symbols, symbol)
    AND date BETWEEN $before - CAST($oldest AS INTEGER) AND $day
GROUP BY symbol
ORDER BY symbol
