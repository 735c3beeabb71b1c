-- Whose accounts some ids stand for, and how far each source's reach, as in view at the clock
-- $ids list : symbols of shares, or ids of companies
WITH wanted AS (
    SELECT symbol AS id, company, seen_at AS since FROM instruments_known
    WHERE list_contains($ids, symbol)
    UNION
    SELECT company AS id, company, seen_at AS since FROM companies_known
    WHERE list_contains($ids, company)
)
SELECT id, company, since, source, {gathered}
FROM fundamentals_known JOIN wanted USING (company)
GROUP BY ALL
