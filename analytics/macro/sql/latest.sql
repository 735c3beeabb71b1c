-- The latest visible vintage of every observation: one row per series and period
-- $series list : these series, null for all of them
-- $since date = 1700-01-01 : first period
-- A withdrawn value is shown as null; a source's own forecasts are left out.
SELECT series_id, source, period, value, known_at
FROM macro
WHERE NOT is_forecast AND period >= $since
    AND ($series IS NULL OR series_id IN (SELECT unnest($series)))
ORDER BY series_id, source, period
