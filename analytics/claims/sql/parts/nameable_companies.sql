-- Every company that files, as known at the clock; one source for each
SELECT company, source, name, currency
FROM companies JOIN {standing of companies_known per company of source} AS stands
    USING (company, source)
WHERE standing = 1
ORDER BY company
