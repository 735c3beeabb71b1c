-- The surprise of every first print, in the order in which the prints came into view
-- $countries list : these countries, null for all of them
-- $since datetime : the earliest instant there is
-- `settled_at` is since when print, consensus and country stand as they do, and those of the series
-- before it. Null is the surprise of a print without a consensus in its unit, and of a release that
-- is none of these countries' any more.
WITH prints AS (
{part release_prints}
), placed AS (
    SELECT series_id, source, period, arg_max_null(country, known_at) AS country,
        CASE WHEN min(country) <> max(country) OR count(country) BETWEEN 1 AND count(*) - 1
            THEN max(seen_at) END AS placed_at
    FROM releases_known GROUP BY series_id, source, period
), measured AS (
    SELECT series_id, source, period, country, released_at, begins_at,
        greatest(settled_at, placed_at) AS settled_at,
        CASE WHEN actual_unit = expected_unit
            AND ($countries IS NULL OR list_contains($countries, country))
            THEN actual - consensus END AS surprise
    FROM prints JOIN placed USING (series_id, source, period) WHERE released_at IS NOT NULL
)
SELECT * REPLACE (max(settled_at) OVER (
    PARTITION BY series_id, source ORDER BY released_at, period
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS settled_at)
FROM measured
WHERE surprise IS NOT NULL OR settled_at > begins_at
ORDER BY begins_at, released_at, period, series_id, source
