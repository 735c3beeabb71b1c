-- Series that a name may mean, with how: 0 their id, 1 their title, 2 country and indicator, or
-- the indicator alone; of one country's series of one indicator `standing` 1 is the one shown
-- $wanted str : what was written
-- $indicators list : words of indicators that may be meant
-- $places list : beside each the country that was written, in small letters, or an empty text
-- $country str : the country that is meant where none was written, null for any
WITH asked AS (
    SELECT DISTINCT unnest($indicators) AS word, unnest($places) AS place
), named AS (
    SELECT DISTINCT country, lower(name) AS country_name, lower(iso2) AS iso2 FROM countries
), meant AS (
    SELECT series_id, min(CASE WHEN series_id = $wanted THEN 0 WHEN lower(title) = lower($wanted) THEN 1
        ELSE 2 END) AS how
    FROM series LEFT JOIN named USING (country) LEFT JOIN asked ON lower(indicator) = lower(word)
        AND (place = '' AND ($country IS NULL OR country = $country)
            OR place IN (lower(country), country_name, iso2))
    WHERE series_id = $wanted OR lower(title) = lower($wanted) OR word IS NOT NULL
    GROUP BY series_id
), described AS (
    SELECT series_id, source, indicator, title, country, frequency, unit, how
    FROM series JOIN meant USING (series_id)
), stood AS (
    SELECT country, indicator, series_id, source, macro_known.vintage_grade,
        macro_known.ingested_at, macro_known.known_at
    FROM macro_known JOIN described USING (series_id, source)
), stands AS {standing of stood per country, indicator of series_id, source}
SELECT described.series_id, described.source, described.indicator, title, described.country,
    frequency, unit, how, standing
FROM described JOIN stands ON described.series_id = stands.series_id
    AND described.source = stands.source AND described.indicator = stands.indicator
    AND described.country IS NOT DISTINCT FROM stands.country
ORDER BY how, indicator, country, standing, series_id, source
