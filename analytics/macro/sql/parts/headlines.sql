-- What a series said at each instant: the newest period published by then, in its last vintage
-- $series list : these series
-- A later revision of an older period is no news, and is left out; so are a source's forecasts.
-- Where several sources have a series, the one that is shown is read.
WITH prints AS (
    SELECT series_id, period, value, known_at,
        max(period) OVER (
            PARTITION BY series_id ORDER BY known_at, period ROWS UNBOUNDED PRECEDING) AS newest
    FROM macro_known
    JOIN {standing of macro_known per series_id of source
        where list_contains($series, series_id) AND NOT is_forecast} AS stands
        USING (series_id, source)
    WHERE list_contains($series, series_id) AND NOT is_forecast AND standing = 1
)
SELECT series_id, known_at AS macro_known_at, period, value FROM prints WHERE period = newest
QUALIFY row_number() OVER (PARTITION BY series_id, known_at ORDER BY period DESC) = 1
ORDER BY series_id, known_at
