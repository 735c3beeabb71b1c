-- Every split that is known at the clock, of all instruments
SELECT symbol, source, date, split_ratio AS ratio
FROM prices
WHERE split_ratio > 0 AND split_ratio <> 1
ORDER BY symbol, source, date, asset_class
