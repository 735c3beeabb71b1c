-- The surprise of every first print, in the order in which the prints came into view
-- $countries list : these countries, null for all of them
-- $since datetime : the earliest instant there is
-- `settled_at` is since when print and consensus stand as they do, and those of the series before
-- it. Null is the surprise of a print without a consensus in its unit.
WITH prints AS (
{part release_prints}
), measured AS (
    SELECT series_id, source, period, country, released_at, begins_at, settled_at,
        CASE WHEN actual_unit = expected_unit THEN actual - consensus END AS surprise
    FROM prints WHERE released_at IS NOT NULL
)
SELECT * REPLACE (max(settled_at) OVER (
    PARTITION BY series_id, source ORDER BY released_at, period
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS settled_at)
FROM measured
WHERE surprise IS NOT NULL OR settled_at > begins_at
ORDER BY begins_at, released_at, period, series_id, source
