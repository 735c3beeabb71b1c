-- What instruments and series of a list are called, as known at the clock
-- $items list : ids
-- A source may describe a series in other words than those its values are stated in, so the values
-- say the unit of a series.
SELECT symbol AS id, 'instrument' AS kind, ticker AS code,
    CASE WHEN asset_class = 'fx' AND regexp_full_match(ticker, '[A-Za-z]{6}(=X)?')
        THEN upper(concat(ticker[1:3], '/', ticker[4:6])) ELSE coalesce(name, symbol) END AS label,
    currency AS unit, asset_class = 'rate' AS is_rate, NULL AS frequency
FROM {listed} AS listed
WHERE standing = 1 AND list_contains($items, symbol)
UNION ALL
SELECT series_id, 'series', indicator, title, NULL, false, frequency
FROM series JOIN {standing of series_known per series_id of source} AS stands
    USING (series_id, source)
WHERE standing = 1 AND list_contains($items, series_id)
ORDER BY 1, 2
