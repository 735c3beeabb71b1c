-- The instruments of a company, and the CUSIP that the ISIN of each holds: see cusip_instruments
-- $company str : its permanent id
SELECT symbol, ticker, name, isin,
    CASE WHEN length(isin) = 12 AND substr(isin, 1, 2) IN ('US', 'CA', 'XD')
        THEN substr(isin, 3, 9) END AS cusip,
    shares_outstanding, delisted_on
FROM instruments
JOIN {standing of instruments_known per symbol of source} AS stands USING (symbol, source)
WHERE standing = 1 AND company = $company
ORDER BY delisted_on IS NOT NULL, symbol
