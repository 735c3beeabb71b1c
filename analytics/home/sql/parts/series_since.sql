-- What became known of each series after a moment: new periods, revised ones, and a new unit
-- $since datetime : the earlier of two clocks
-- `usual` is the deviation of the changes between periods: what a revision is measured by. What
-- came is looked at in every vintage, the rest of its series in the last one: that of a period is
-- not ended, unless by a forecast.
WITH came AS (
    SELECT DISTINCT series_id, source, period FROM macro_known
    WHERE seen_at > $since AND NOT is_forecast
), touched AS (
    SELECT series_id, source, row_number() OVER (ORDER BY series_id, source) AS number
    FROM (SELECT DISTINCT series_id, source FROM came)
), news AS (
    SELECT series_id, source, period, min(seen_at) AS first_at, max(seen_at) AS moment,
        arg_max_null(value, known_at) FILTER (seen_at <= $since) AS value_then,
        arg_max_null(unit, known_at) FILTER (seen_at <= $since) AS unit_then
    FROM macro_known SEMI JOIN came USING (series_id, source, period)
    WHERE NOT is_forecast
    GROUP BY series_id, source, period
), stood AS (
    SELECT series_id, source, period, value, unit FROM macro_known
    WHERE NOT is_forecast AND superseded_at IS NULL
    UNION ALL
    SELECT series_id, source, period, arg_max_null(value, known_at), arg_max_null(unit, known_at)
    FROM macro_known SEMI JOIN (
        SELECT series_id, source, period FROM macro_known
        WHERE is_forecast AND superseded_at IS NULL
    ) AS forecast USING (series_id, source, period)
    WHERE NOT is_forecast
    GROUP BY series_id, source, period
), stepped AS (
    SELECT number, period, value, unit,
        lag(value) OVER (PARTITION BY number, unit ORDER BY period) AS previous
    FROM stood JOIN touched USING (series_id, source)
), measured AS (
    SELECT *, stddev_samp(value - previous) OVER (
        PARTITION BY number, unit ORDER BY period
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS usual
    FROM stepped
), told AS (
    SELECT *,
        CASE WHEN first_at > $since THEN 'print'
             WHEN unit IS DISTINCT FROM unit_then THEN 'unit'
             WHEN value IS DISTINCT FROM value_then THEN 'revision' END AS kind,
        CASE WHEN kind = 'print' THEN first_at ELSE moment END AS became,
        CASE WHEN kind = 'print' THEN previous ELSE value_then END AS before,
        row_number() OVER (PARTITION BY number, kind ORDER BY
            CASE WHEN kind = 'revision' THEN coalesce(abs(value - value_then), 1e300) END DESC,
            period DESC) AS place
    FROM measured JOIN touched USING (number) JOIN news USING (series_id, source, period)
), most AS (
    SELECT *, max(became) OVER (PARTITION BY number, kind) AS newest,
        count(*) OVER (PARTITION BY number, kind) AS count
    FROM told WHERE kind IS NOT NULL QUALIFY place = 1
)
SELECT kind, most.series_id, most.source, title, country, indicator, frequency, period, before,
    value AS after, most.unit, unit_then, usual, newest AS moment, count
FROM most LEFT JOIN series ON series.series_id = most.series_id AND series.source = most.source
ORDER BY kind, most.series_id, most.source
