-- The instrument of each CUSIP, where the instrument's own ISIN holds it: American and Canadian ISINs
-- do in their third to eleventh character, and those of the demo world; nothing else is taken for one
-- $cusips list = : these codes, all of them without it
-- $symbols list = : these instruments and those of $companies, all of them without both
-- $companies list = : see $symbols
SELECT substr(isin, 3, 9) AS cusip, symbol, ticker, name, company, shares_outstanding,
    instruments.known_at AS shares_at
FROM instruments
JOIN {standing of instruments_known per symbol of source} AS stands USING (symbol, source)
WHERE standing = 1 AND length(isin) = 12 AND substr(isin, 1, 2) IN ('US', 'CA', 'XD')
    AND (len($cusips) = 0 OR list_contains($cusips, substr(isin, 3, 9)))
    AND (
        (len($symbols) = 0 AND len($companies) = 0) OR list_contains($symbols, symbol)
        OR list_contains($companies, company)
    )
QUALIFY row_number() OVER (PARTITION BY cusip ORDER BY delisted_on IS NOT NULL, symbol) = 1
ORDER BY cusip
