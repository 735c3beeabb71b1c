-- What an instrument is called and where it belongs, as known at the clock; one source for each
SELECT symbol, ticker, name, sector, asset_class, country
FROM instruments JOIN {standing of instruments_known per symbol of source} AS stands
    USING (symbol, source)
WHERE standing = 1
ORDER BY symbol
