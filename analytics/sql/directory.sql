-- Everything that can be looked up by name, as known at the clock
SELECT 'instrument' AS kind, symbol AS id, ticker AS code, name AS label,
    concat_ws(' ', asset_class, sector, country, aliases, isin) AS more
FROM instruments
UNION ALL
SELECT 'series', series_id, indicator, title, concat_ws(' ', country, frequency, unit)
FROM series
UNION ALL
SELECT 'country', country, iso2, name, concat_ws(' ', region, income_group)
FROM countries
ORDER BY 1, 2
