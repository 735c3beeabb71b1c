-- Every print in view at the clock of a country's monthly series of some indicators
-- $country str : the country
-- $indicators list : names of indicators
-- Of several series of one indicator the one that is shown; what is only known as it is today says
-- nothing of the past and is left out.
WITH prints AS (
    SELECT indicator, macro_known.series_id, macro_known.source, period, macro_known.unit, value,
        macro_known.known_at, macro_known.ingested_at, macro_known.vintage_grade
    FROM macro_known JOIN series USING (series_id, source)
    WHERE series.country = $country AND frequency = 'monthly'
        AND list_contains($indicators, indicator)
        AND NOT is_forecast AND macro_known.vintage_grade <> 'current'
), stands AS {standing of prints per indicator of series_id, source}
SELECT indicator, prints.series_id, prints.source, period, unit, value, known_at
FROM prints JOIN stands USING (indicator, series_id, source)
WHERE standing = 1
ORDER BY indicator, prints.series_id, prints.source, known_at, period
