-- Revenue of one company by place, of every fiscal period that was known, as of one source a period
-- $company str : the company
SELECT period_end, place, revenue, currency, accession, exposures.known_at, vintage_grade,
    exposures.source
FROM exposures
JOIN {standing of exposures_known per company, period_end of source
    where company = $company} AS stands USING (company, period_end, source)
WHERE standing = 1 AND company = $company
ORDER BY period_end, place
