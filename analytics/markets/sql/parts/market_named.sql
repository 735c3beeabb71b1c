-- What instruments are called and what they belong to
SELECT symbol, source, min(ticker) AS ticker, min(name) AS name,
    min(sector) AS sector, min(country) AS country,
    min(shares_outstanding) AS shares, max(known_at) AS shares_at, min(delisted_on) AS delisted_on
FROM instruments
GROUP BY symbol, source
