-- Total return of one instrument by month, from the last close of a month to that of the next
-- $symbol str : the instrument's id
-- $asset_class str : its kind, which spares the files of the others
-- A month in which a price was at or below zero has none; the last month is still under way. A rate
-- has a level and no return, so it has no rows.
WITH steps AS (
    SELECT source, date, known_at,
        CASE WHEN close > 0 AND before > 0 THEN ln((close + paid) * ratio / before) END AS step
    FROM (
        SELECT source, date, close, known_at, coalesce(dividend, 0) AS paid,
            CASE WHEN split_ratio > 0 THEN split_ratio ELSE 1 END AS ratio,
            lag(close) OVER (PARTITION BY source ORDER BY date) AS before
        FROM prices
        WHERE symbol = $symbol AND close IS NOT NULL AND asset_class <> 'rate'
            AND ($asset_class IS NULL OR asset_class = $asset_class)
    )
    WHERE before IS NOT NULL
)
SELECT source, min(standing) AS standing, year(date) AS year, month(date) AS month,
    CASE WHEN count(step) = count(*) THEN exp(sum(step ORDER BY date)) - 1 END AS return,
    count(*) AS sessions, max(date) AS last, max(known_at) AS known_at
FROM steps
JOIN {standing of prices_known per symbol of source
    where symbol = $symbol AND close IS NOT NULL} AS stands USING (source)
GROUP BY source, year(date), month(date)
ORDER BY source, year, month
