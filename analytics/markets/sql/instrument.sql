-- What was known of one instrument at the clock, a row per source, the one that is shown first
-- $symbol str : its id
SELECT symbol, ticker, name, asset_class, sector, country, currency, unit, venue, calendar, isin, figi,
    aliases, shares_outstanding, listed_on, delisted_on, vintage_grade, source, known_at
FROM {listed where symbol = $symbol} AS listed
WHERE symbol = $symbol
ORDER BY standing
