-- The quarterly series of a country that speaks for its growth, the first that the list names
-- $country str : the country
-- $indicators list : names of indicators, the preferred first
WITH described AS (
    SELECT series_id, source, indicator, unit, title FROM series
    WHERE country = $country AND frequency = 'quarterly' AND list_contains($indicators, indicator)
), prints AS (
    SELECT indicator, series_id, source, macro_known.vintage_grade, macro_known.ingested_at,
        macro_known.known_at
    FROM macro_known JOIN described USING (series_id, source)
    WHERE NOT is_forecast AND value IS NOT NULL
), stands AS {standing of prints per indicator of series_id, source}
SELECT series_id, source, unit, title
FROM described JOIN stands USING (indicator, series_id, source)
WHERE standing = 1
ORDER BY list_position($indicators, indicator)
LIMIT 1
