-- Companies that can be looked up by name, in the columns of the directory: as the team names them,
-- found by their filed names too; those that it took off the screens come last
-- $day date : the clock's day; tickers that ended before it are no longer theirs
SELECT 'company' AS kind, company AS id, cik AS code,
    coalesce(nullif(trim(name), ''), company) AS label,
    concat_ws(' · ', sector, country, CASE WHEN withdrawn THEN 'withdrawn by the team' END)
        AS detail,
    concat_ws(' ', sector, industry, country, cik, ltrim(cik, '0'), lei, listed.tickers,
        CASE WHEN filed_name <> name THEN filed_name END) AS more,
    withdrawn AS bare
FROM {companies} AS companies
LEFT JOIN (
    SELECT company, string_agg(DISTINCT ticker, ' ' ORDER BY ticker) AS tickers
    FROM instruments
    WHERE company IS NOT NULL AND (delisted_on IS NULL OR delisted_on >= $day)
    GROUP BY company
) AS listed USING (company)
ORDER BY name, company
