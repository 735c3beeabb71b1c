-- What an instrument is called and where it belongs, as known at the clock
SELECT symbol, ticker, name, sector, asset_class, country FROM instruments ORDER BY symbol, source
