-- Every print of one series that was in view at the clock, in the order it came
-- $series str : the series' id
-- Of several sources the one that is shown.
SELECT source, period, unit, value, is_forecast, vintage_grade, known_at
FROM macro_known JOIN {standing of macro_known per series_id of source
    where series_id = $series} AS stands USING (series_id, source)
WHERE series_id = $series AND standing = 1
ORDER BY period, known_at
