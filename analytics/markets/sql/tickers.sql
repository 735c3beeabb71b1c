-- What an instrument is called and where it belongs, as known at the clock; one source for each
SELECT symbol, ticker, name, sector, asset_class, country
FROM {listed} AS listed
WHERE standing = 1
ORDER BY symbol
