-- What instruments are called and what they belong to
SELECT symbol, source, any_value(ticker) AS ticker, any_value(name) AS name,
    any_value(sector) AS sector, any_value(country) AS country,
    any_value(shares_outstanding) AS shares, any_value(delisted_on) AS delisted_on
FROM instruments
GROUP BY symbol, source
