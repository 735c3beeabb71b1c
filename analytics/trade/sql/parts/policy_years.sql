-- The last policy rate of each year of some countries, in percent
-- $countries list : ISO alpha-3 codes
WITH rates AS (
    SELECT series.country, macro.series_id, macro.source, year(period) AS year,
        arg_max(value, period) AS rate
    FROM macro JOIN series USING (series_id, source)
    WHERE list_contains($countries, series.country) AND NOT is_forecast AND value IS NOT NULL
        AND indicator IN ('POLICY', 'policy_rate')
    GROUP BY ALL
), prints AS (
    SELECT series.country, macro_known.series_id, macro_known.source, macro_known.vintage_grade,
        macro_known.ingested_at, macro_known.known_at
    FROM macro_known JOIN series USING (series_id, source)
    WHERE list_contains($countries, series.country) AND NOT is_forecast AND value IS NOT NULL
        AND indicator IN ('POLICY', 'policy_rate')
)
SELECT rates.country, year, rate, rates.series_id
FROM rates
JOIN {standing of prints per country of series_id, source} AS stands
    ON stands.country = rates.country AND stands.series_id = rates.series_id
    AND stands.source = rates.source
WHERE standing = 1
ORDER BY rates.country, year
