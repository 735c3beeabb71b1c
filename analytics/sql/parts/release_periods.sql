-- The releases of some series as known at the clock: their periods, unit and first prints
-- $series list : ids of series
SELECT series_id, period, min(title) AS title, min(unit) AS unit,
    min(scheduled_at) AS scheduled_at, min(printed.released_at) AS released_at
FROM releases
LEFT JOIN (
    SELECT series_id, period, min(known_at) AS released_at FROM releases_known
    WHERE actual IS NOT NULL
    GROUP BY series_id, period
) AS printed USING (series_id, period)
WHERE list_contains($series, series_id)
GROUP BY series_id, period
ORDER BY series_id, period
