-- Currency pairs and commodities that are known at the clock, and the shares of one company
-- $company str : the company
SELECT symbol, source, ticker, name, asset_class, currency, company, delisted_on
FROM {listed where asset_class IN ('fx', 'commodity') OR symbol IN (
    SELECT symbol FROM instruments WHERE company = $company)}
WHERE standing = 1
ORDER BY symbol
