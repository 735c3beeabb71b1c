-- What became known of each series after a moment: new periods, revised ones, and a new unit
-- $since datetime : the earlier of two clocks
-- `usual` is the deviation of the changes between periods: what a revision is measured by.
WITH visible AS (
    SELECT series_id, source, period, unit, value, known_at,
        seen_at AS moment
    FROM macro_known
    WHERE NOT is_forecast
), stood AS (
    SELECT series_id, source, period, min(moment) AS first_at, max(moment) AS moment,
        arg_max_null(value, known_at) AS value, arg_max_null(unit, known_at) AS unit,
        arg_max_null(value, known_at) FILTER (moment <= $since) AS value_then,
        arg_max_null(unit, known_at) FILTER (moment <= $since) AS unit_then
    FROM visible SEMI JOIN (
        SELECT DISTINCT series_id, source FROM macro_known
        WHERE seen_at > $since AND NOT is_forecast
    ) AS touched USING (series_id, source)
    GROUP BY series_id, source, period
), stepped AS (
    SELECT *, lag(value) OVER (PARTITION BY series_id, source, unit ORDER BY period) AS previous
    FROM stood
), measured AS (
    SELECT *, stddev_samp(value - previous) OVER (
            PARTITION BY series_id, source, unit ORDER BY period
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS usual,
        CASE WHEN first_at > $since THEN 'print'
             WHEN moment <= $since THEN NULL
             WHEN unit IS DISTINCT FROM unit_then THEN 'unit'
             WHEN value IS DISTINCT FROM value_then THEN 'revision' END AS kind
    FROM stepped
), told AS (
    SELECT *, CASE WHEN kind = 'print' THEN first_at ELSE moment END AS became,
        CASE WHEN kind = 'print' THEN previous ELSE value_then END AS before,
        row_number() OVER (PARTITION BY series_id, source, kind ORDER BY
            CASE WHEN kind = 'revision' THEN coalesce(abs(value - value_then), 1e300) END DESC,
            period DESC) AS place
    FROM measured WHERE kind IS NOT NULL
)
SELECT kind, told.series_id, told.source, title, country, indicator, frequency, period, before,
    value AS after,
    told.unit, unit_then, usual,
    max(became) OVER (PARTITION BY told.series_id, told.source, kind) AS moment,
    count(*) OVER (PARTITION BY told.series_id, told.source, kind) AS count
FROM told LEFT JOIN series ON series.series_id = told.series_id AND series.source = told.source
QUALIFY place = 1
ORDER BY kind, told.series_id, told.source
