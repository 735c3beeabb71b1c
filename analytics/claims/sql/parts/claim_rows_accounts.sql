-- Every vintage of some lines of accounts in view at the clock, with all that a verdict can rest on
-- $ids list : symbols of shares, or ids of companies
-- $concepts list : the lines
WITH wanted AS (
    SELECT symbol AS id, company FROM instruments_known WHERE list_contains($ids, symbol)
    UNION
    SELECT company AS id, company FROM companies_known WHERE list_contains($ids, company)
)
SELECT concat(id, ' ', concept) AS id, period_start AS first, period_end, value, unit, source,
    known_at, vintage_grade, ingested_at, seen_at, NULL AS split
FROM fundamentals_known JOIN wanted USING (company)
WHERE list_contains($concepts, concept)
