-- The releases of some series as known at the clock: their periods, unit and first prints
-- $series list : ids of series
-- $house bool = false : true where the clock is that of this lake
SELECT series_id, period, min(title) AS title, min(unit) AS unit,
    min(scheduled_at) AS scheduled_at, min(printed.released_at) AS released_at
FROM releases
LEFT JOIN (
    SELECT series_id, period, min(known_at) AS released_at FROM releases_vintages
    WHERE actual IS NOT NULL AND known_at <= getvariable('as_of')
        AND (NOT $house OR ingested_at <= getvariable('as_of'))
    GROUP BY series_id, period
) AS printed USING (series_id, period)
WHERE list_contains($series, series_id)
GROUP BY series_id, period
ORDER BY series_id, period
