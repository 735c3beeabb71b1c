-- What is known of some series at the clock, and what each of them measures
-- $series list : ids of series
-- Of several sources the one that is shown.
SELECT series_id, source, period, value, macro.unit AS unit, macro.known_at AS known_at,
    title, country, frequency
FROM macro
JOIN {standing of macro_known per series_id of source
    where list_contains($series, series_id)} AS stands USING (series_id, source)
LEFT JOIN (
    SELECT series_id, source, title, country, frequency FROM series
) AS described USING (series_id, source)
WHERE list_contains($series, series_id) AND standing = 1 AND NOT is_forecast
ORDER BY series_id, period
