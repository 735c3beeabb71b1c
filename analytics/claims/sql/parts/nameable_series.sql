-- Every series as known at the clock with all that decides which of several is shown
SELECT series.series_id AS symbol, series.source, indicator, country, title, unit, frequency,
    grade, taken_in, known_first
FROM series JOIN (
    SELECT series_id, source, {gathered} FROM series_known GROUP BY ALL
) AS stood ON stood.series_id = series.series_id AND stood.source = series.source
ORDER BY 1, 2
