-- Closes and splits of some instruments, each row with the instrument's place in the list
-- $symbols list : the instruments
-- $since date = 1900-01-01 : first session
-- $pairs list : only these `symbol|source`, where a symbol has several sources
SELECT CAST(place - 1 AS INTEGER) AS place, date, source, close, split_ratio,
    CAST(CASE asset_class WHEN 'crypto' THEN 365 ELSE 252 END AS SMALLINT) AS per_year,
    asset_class = 'rate' AS is_rate
FROM prices
JOIN (SELECT unnest($symbols) AS symbol, generate_subscripts($symbols, 1) AS place) USING (symbol)
WHERE date >= $since AND (close IS NOT NULL OR split_ratio IS NOT NULL)
    AND ($pairs IS NULL OR list_contains($pairs, symbol || '|' || source))
