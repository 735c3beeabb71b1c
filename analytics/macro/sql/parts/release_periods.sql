-- The releases of some series as known at the clock: their periods, unit and first prints
-- Of several sources the one that is shown.
-- $series list : ids of series
SELECT series_id, period, title, unit, scheduled_at, released_at
FROM releases
JOIN {standing of releases_known per series_id of source
    where list_contains($series, series_id)} AS stands USING (series_id, source)
LEFT JOIN (
    SELECT series_id, source, period, min(known_at) AS released_at FROM releases_known
    WHERE actual IS NOT NULL
    GROUP BY series_id, source, period
) AS printed USING (series_id, source, period)
WHERE standing = 1 AND list_contains($series, series_id)
ORDER BY series_id, period
