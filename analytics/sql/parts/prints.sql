-- Every print of one series that was known at the clock, in the order it came
-- $series str : the series' id
SELECT source, period, unit, value, is_forecast, vintage_grade, known_at
FROM macro_known
WHERE series_id = $series
ORDER BY source, period, known_at
