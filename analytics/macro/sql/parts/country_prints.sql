-- Every print in view at the clock of the monthly series of some indicators, country by country
-- $countries list : the countries
-- $indicators list : names of indicators
-- Of several series of one indicator the one that is shown; what is only known as it is today says
-- nothing of the past and is left out.
WITH prints AS (
    SELECT series.country, indicator, macro_known.series_id, macro_known.source, period,
        macro_known.unit, value, macro_known.known_at, macro_known.ingested_at, macro_known.vintage_grade
    FROM macro_known JOIN series USING (series_id, source)
    WHERE list_contains($countries, series.country) AND frequency = 'monthly'
        AND list_contains($indicators, indicator)
        AND NOT is_forecast AND macro_known.vintage_grade <> 'current'
), stands AS {standing of prints per country, indicator of series_id, source}
SELECT country, indicator, prints.series_id, prints.source, period, unit, value, known_at
FROM prints JOIN stands USING (country, indicator, series_id, source)
WHERE standing = 1
ORDER BY country, indicator, prints.series_id, prints.source, known_at, period
