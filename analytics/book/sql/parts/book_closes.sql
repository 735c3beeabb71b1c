-- Closes and splits of some instruments with their currencies, each with its place in the list
-- $symbols list : the instruments
-- $since date : no older session is read
SELECT CAST(place - 1 AS INTEGER) AS place, source, asset_class, date, close, split_ratio, currency
FROM prices
JOIN (SELECT unnest($symbols) AS symbol, generate_subscripts($symbols, 1) AS place) USING (symbol)
WHERE date >= $since AND (close IS NOT NULL OR split_ratio IS NOT NULL)
