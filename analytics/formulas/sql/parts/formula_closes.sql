-- Closes and splits of one instrument, each with the instant at which it was first known
-- $symbol str : the instrument's id
-- Of several sources the one that is shown. A close mended later was known when it first was.
WITH mended AS (
    SELECT source, date, min(known_at) AS first_known FROM prices_known
    WHERE symbol = $symbol AND superseded_at IS NOT NULL AND close IS NOT NULL
    GROUP BY source, date
)
SELECT date, close, split_ratio, currency, asset_class, known_at,
    least(known_at, first_known) AS first_known
FROM prices
JOIN {standing of prices_known per symbol of source
    where symbol = $symbol AND close IS NOT NULL} AS stands USING (symbol, source)
LEFT JOIN mended USING (source, date)
WHERE symbol = $symbol AND standing = 1
ORDER BY date, asset_class
