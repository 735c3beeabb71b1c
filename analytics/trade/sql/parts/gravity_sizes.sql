-- Of each country the zone of its capital, its currency, and its GDP in US dollars in a year
-- $year int : the year of the GDP
WITH nations AS (
    SELECT country, name, timezone, currency
    FROM countries JOIN {standing of countries_known per country of source} AS told
        USING (country, source)
    WHERE standing = 1
), sizes AS (
    SELECT series.country, macro.value AS gdp_usd, macro.unit
    FROM macro JOIN series USING (series_id, source)
    JOIN {standing of macro_known per series_id of source} AS stands
        ON stands.series_id = macro.series_id AND stands.source = macro.source
    WHERE standing = 1 AND series.indicator = 'gdp_usd' AND NOT is_forecast
        AND year(period) = $year AND macro.value > 0
    QUALIFY row_number() OVER (PARTITION BY series.country ORDER BY macro.series_id) = 1
)
SELECT country, name, timezone, currency, gdp_usd
FROM nations LEFT JOIN sizes USING (country)
ORDER BY country
