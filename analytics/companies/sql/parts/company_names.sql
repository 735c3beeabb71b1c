-- Companies as they were known at the clock, of the source that is shown, with their shares
-- $ids list = : companies, all of them without it
SELECT company, name, sector, industry, country, currency, fiscal_year_end, source, known_at
FROM companies
JOIN {standing of companies_known per company of source
    where ($ids IS NULL OR list_contains($ids, company))} AS stands USING (company, source)
WHERE standing = 1 AND ($ids IS NULL OR list_contains($ids, company))
ORDER BY company
