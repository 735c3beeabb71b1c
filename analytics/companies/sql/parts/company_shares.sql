-- Instruments that are shares of companies, as known at the clock
-- $ids list = : companies, all of them without it
SELECT company, symbol, min(currency) AS currency, max(shares_outstanding) AS shares,
    max(known_at) AS shares_at
FROM instruments
WHERE company IS NOT NULL AND ($ids IS NULL OR list_contains($ids, company))
GROUP BY company, symbol
ORDER BY company, symbol
