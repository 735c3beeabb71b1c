-- Everything that can be looked up by name, as known at the clock; one source for each
-- `detail` tells two of one name apart; `bare` marks a country of which no series is known.
SELECT 'instrument' AS kind, symbol AS id, ticker AS code, coalesce(name, symbol) AS label,
    concat_ws(' · ', asset_class, country, currency) AS detail,
    concat_ws(' ', asset_class, sector, country, replace(aliases, '|', ' '), isin) AS more,
    false AS bare
FROM {listed} AS listed
WHERE standing = 1
UNION ALL
SELECT 'series', series_id, indicator, title, concat_ws(' · ', country, frequency, unit),
    concat_ws(' ', country, frequency, unit), false
FROM series JOIN {standing of series_known per series_id of source} AS stands
    USING (series_id, source)
WHERE standing = 1
UNION ALL
SELECT 'country', country, iso2, name, concat_ws(' · ', region, income_group),
    concat_ws(' ', region, income_group),
    country NOT IN (SELECT country FROM series WHERE country IS NOT NULL)
FROM countries JOIN {standing of countries_known per country of source} AS stands
    USING (country, source)
WHERE standing = 1
ORDER BY 1, 2
