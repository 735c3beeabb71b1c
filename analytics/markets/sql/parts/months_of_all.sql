-- Total return of every instrument by month, for those of a kind, or of all
-- $asset_class str : the kind, or null for all
-- $symbols list : only these, where there are any
-- From the last close of the month before; in the first month from the first close. What a session
-- pays or splits is a factor of its own, so that no session has to look for the one before it.
-- A month in which a price was at or below zero has none; rates have none at all.
WITH months AS (
    SELECT symbol, source, asset_class, year(date) AS year, month(date) AS month,
        max(date) AS date, max(rows.known_at) AS known_at, {gathered},
        min(close) AS lowest, arg_max(close, date) AS last, arg_min(close, date) AS first,
        sum(extra) AS extra, arg_min(extra, date) AS first_extra
    FROM (
        SELECT symbol, source, asset_class, date, close, known_at, vintage_grade, ingested_at,
            CASE WHEN split_ratio > 0 THEN split_ratio ELSE 1 END AS ratio,
            CASE WHEN close > 0 AND (dividend > 0 OR ratio <> 1)
                THEN ln((close + coalesce(dividend, 0)) * ratio / close) ELSE 0 END AS extra
        FROM prices
        WHERE close IS NOT NULL AND asset_class <> 'rate'
            AND ($asset_class IS NULL OR asset_class = $asset_class)
            AND (len($symbols) = 0 OR list_contains($symbols, symbol))
    ) AS rows
    GROUP BY symbol, source, asset_class, year(date), month(date)
)
SELECT symbol, source, asset_class, year, month,
    CASE WHEN lowest > 0 AND coalesce(before, first) > 0 THEN
        last / coalesce(before, first)
            * exp(extra - CASE WHEN before IS NULL THEN first_extra ELSE 0 END) - 1
    END AS return, date, known_at, grade, taken_in, known_first
FROM (
    SELECT *, lag(last) OVER (PARTITION BY symbol, source ORDER BY year, month) AS before
    FROM months
)
ORDER BY symbol, source, year, month
