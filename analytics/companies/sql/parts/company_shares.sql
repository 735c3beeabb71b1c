-- Instruments that are shares of companies, as known at the clock
-- $ids list = : companies, all of them without it
SELECT DISTINCT company, symbol
FROM instruments
WHERE company IS NOT NULL AND ($ids IS NULL OR list_contains($ids, company))
ORDER BY company, symbol
