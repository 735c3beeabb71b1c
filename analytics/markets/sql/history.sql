-- One instrument's sessions as printed; the source that is shown has standing 1
-- $symbol str : the instrument's id
-- $since date = 1900-01-01 : first session read
-- $asset_class str : its kind, which spares the files of the others
SELECT symbol, source, asset_class, date, open, high, low, close, volume, dividend, split_ratio,
    currency, known_at, standing
FROM prices
JOIN {standing of prices_known per symbol of source
    where symbol = $symbol AND ($asset_class IS NULL OR asset_class = $asset_class)
        AND date >= $since AND close IS NOT NULL} AS stands USING (symbol, source)
WHERE symbol = $symbol AND ($asset_class IS NULL OR asset_class = $asset_class)
    AND date >= $since
ORDER BY source, asset_class, date
