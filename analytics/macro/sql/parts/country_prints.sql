-- Every print of the monthly series of some indicators, in the order in which they came into view
-- $countries list : the countries, null for all of them
-- $indicators list : names of indicators
-- What is only known as it is today says nothing of the past and is left out. Series that were
-- described otherwise before are here too, as they are described now, `settled_at` since when; so
-- whoever reads these leaves out what is not monthly, not asked for, or of no country. Which of several sources is
-- shown follows from `grade`, `ingested_at` and `known_at`.
WITH described AS (
    SELECT series_id, source, country, indicator, frequency, known_at, seen_at,
        frequency = 'monthly' AND list_contains($indicators, indicator)
            AND ($countries IS NULL OR list_contains($countries, country)) AS is_wanted,
        (country, indicator, frequency) IS DISTINCT FROM lag((country, indicator, frequency))
            OVER (PARTITION BY series_id, source ORDER BY known_at) AS is_other
    FROM series_known
), stood AS (
    SELECT series_id, source, arg_max_null(country, known_at) AS country,
        arg_max_null(indicator, known_at) AS indicator, arg_max(frequency, known_at) AS frequency,
        min(seen_at) AS first_at, max(seen_at) FILTER (is_other) AS described_at
    FROM described GROUP BY series_id, source HAVING bool_or(is_wanted)
)
SELECT country, indicator, frequency, series_id, source, period, unit, value,
    {grade} AS grade, ingested_at, known_at,
    greatest(seen_at, first_at) AS begins_at, greatest(seen_at, described_at) AS settled_at
FROM macro_known JOIN stood USING (series_id, source)
WHERE NOT is_forecast AND vintage_grade <> 'current'
ORDER BY begins_at, series_id, source, period, known_at
