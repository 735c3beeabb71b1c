-- Filings of companies as they were known, newest first, of the source that is shown
-- $companies list : the companies
-- $form str = : one form, its amendments too; all without it
-- $item str = : filings that name this item; all without it
-- `states_accounts` says whether lines of accounts are known from the filing; `is_again` whether it
-- names the same items of the same day as an earlier one with the same form.
SELECT company, accession, form, filed_on, accepted_at, period_end, items, document, url,
    accession IN (
        SELECT accession FROM fundamentals_known
        WHERE list_contains($companies, company) AND accession IS NOT NULL
    ) AS states_accounts,
    is_again, vintage_grade, known_at, source
FROM (
    SELECT filings.*, items IS NOT NULL AND row_number() OVER (
        PARTITION BY company, form, items, period_end, filed_on ORDER BY filings.known_at, accession
    ) > 1 AS is_again
    FROM filings
    JOIN {standing of filings_known per company of source
        where list_contains($companies, company)} AS stands USING (company, source)
    WHERE standing = 1 AND list_contains($companies, company)
)
WHERE ($form IS NULL OR $form = '' OR form = $form OR form = $form || '/A')
    AND ($item IS NULL OR $item = '' OR list_contains(string_split(replace(items, ' ', ''), ','), $item))
ORDER BY known_at DESC, company, accession DESC
