-- Lines of the accounts of some companies as known at the clock
-- $ids list : symbols of their shares, or ids of companies
-- $concepts list : the lines
-- Of several sources the one that is shown.
WITH wanted AS (
    SELECT symbol AS id, company FROM instruments
    WHERE list_contains($ids, symbol) AND company IS NOT NULL
    UNION
    SELECT company AS id, company FROM companies WHERE list_contains($ids, company)
)
SELECT id, concept, period_start, period_end, value, unit, source, known_at
FROM fundamentals
JOIN wanted USING (company)
JOIN {standing of fundamentals_known per company of source
    where company IN (SELECT company FROM wanted)} AS stands USING (company, source)
WHERE list_contains($concepts, concept) AND standing = 1
ORDER BY id, concept, period_start, period_end
