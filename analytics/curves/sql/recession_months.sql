-- The months of recessions of a country as they were dated at the clock, oldest first
-- $country str : its code
-- Dates of recessions are announced many months late: at an earlier clock fewer are known.
SELECT period, macro.known_at, series_id
FROM macro JOIN series USING (series_id, source)
JOIN {standing of macro_known per series_id of source
    where NOT is_forecast AND series_id IN (
        SELECT series_id FROM series WHERE indicator = 'recession' AND country = $country)} AS stands
    USING (series_id, source)
WHERE standing = 1 AND indicator = 'recession' AND series.country = $country AND NOT is_forecast
    AND value = 1
ORDER BY period, series_id
