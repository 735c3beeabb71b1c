-- One instrument's sessions as printed, with what each share has become since
-- $symbol str : the instrument's id
-- $since date = 1900-01-01 : first session read
-- $asset_class str : its kind, which spares the files of the others
SELECT symbol, source, date, open, high, low, close, volume, dividend, split_ratio, currency,
    known_at
FROM prices
WHERE symbol = $symbol AND ($asset_class IS NULL OR asset_class = $asset_class)
    AND date >= $since
