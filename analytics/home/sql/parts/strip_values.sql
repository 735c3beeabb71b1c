-- The last 60 values of each series of a list, in their latest vintage at the clock, oldest first
-- $items list : ids of series
SELECT series_id, period, value, unit, known_at
FROM macro JOIN {standing of macro_known per series_id of source
        where list_contains($items, series_id) AND NOT is_forecast} AS stands
    USING (series_id, source)
WHERE standing = 1 AND list_contains($items, series_id) AND NOT is_forecast AND value IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY series_id ORDER BY period DESC) <= 60
ORDER BY series_id, period
