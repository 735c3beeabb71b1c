-- Every instrument as known at the clock with all the names it goes by; one source for each
SELECT symbol, source, ticker, name, asset_class, sector, country, currency, venue, company, isin,
    aliases
FROM {listed} AS listed
WHERE standing = 1
ORDER BY symbol
