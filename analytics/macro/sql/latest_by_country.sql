-- The last value of some indicators in every country, with its period
-- $indicators list : the indicators
-- Forecasts are left out. Of several series of one indicator and country the one that is shown is taken.
WITH prints AS (
    SELECT series.country, indicator, series_id, source, macro_known.vintage_grade,
        macro_known.ingested_at, macro_known.known_at
    FROM macro_known JOIN series USING (series_id, source)
    WHERE NOT is_forecast AND value IS NOT NULL AND series.country IS NOT NULL
        AND list_contains($indicators, indicator)
), stands AS {standing of prints per country, indicator of series_id, source},
last AS (
    SELECT series_id, source, max(period) AS period
    FROM macro WHERE NOT is_forecast AND value IS NOT NULL
    GROUP BY series_id, source
)
SELECT series.country, coalesce(nation.name, series.country) AS name, series.indicator, title,
    frequency, dimension, macro.period, value, macro.unit, macro.known_at, macro.vintage_grade,
    macro.series_id, macro.source
FROM stands
JOIN series ON series.series_id = stands.series_id AND series.source = stands.source
JOIN last ON last.series_id = stands.series_id AND last.source = stands.source
JOIN macro ON macro.series_id = last.series_id AND macro.source = last.source
    AND macro.period = last.period
LEFT JOIN (
    SELECT country, name
    FROM countries JOIN {standing of countries_known per country of source} AS told
        USING (country, source)
    WHERE standing = 1
) AS nation ON nation.country = series.country
WHERE standing = 1 AND NOT macro.is_forecast
    AND stands.country = series.country AND stands.indicator = series.indicator
ORDER BY name, series.country, series.indicator
