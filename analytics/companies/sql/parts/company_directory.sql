-- Companies that can be looked up by name, in the columns of the directory; one source for each
-- $day date : the clock's day; tickers that ended before it are no longer theirs
SELECT 'company' AS kind, company AS id, cik AS code, name AS label,
    concat_ws(' · ', sector, country) AS detail,
    concat_ws(' ', sector, industry, country, cik, lei, listed.tickers) AS more, false AS bare
FROM companies
JOIN {standing of companies_known per company of source} AS stands USING (company, source)
LEFT JOIN (
    SELECT company, string_agg(DISTINCT ticker, ' ' ORDER BY ticker) AS tickers
    FROM instruments
    WHERE company IS NOT NULL AND (delisted_on IS NULL OR delisted_on >= $day)
    GROUP BY company
) AS listed USING (company)
WHERE standing = 1
ORDER BY name, company
