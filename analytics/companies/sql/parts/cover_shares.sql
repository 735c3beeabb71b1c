-- The number of shares on the cover of a company's last report, where one number is for all of them,
-- and whether its reports are those of foreign companies, whose receipts may stand for several shares
-- $ids list = : companies, all of them without it
-- $since date : the oldest day of a count
SELECT company, bool_or(form LIKE '20-F%') AS is_foreign,
    max(value) FILTER (concept = 'EntityCommonStockSharesOutstanding' AND nth = 1) AS cover_shares,
    max(period_end) FILTER (concept = 'EntityCommonStockSharesOutstanding') AS cover_day
FROM (
    SELECT company, concept, value, period_end, form,
        row_number() OVER (PARTITION BY company, concept ORDER BY period_end DESC) AS nth
    FROM fundamentals
    JOIN {standing of fundamentals_known per company of source
        where ($ids IS NULL OR list_contains($ids, company))} AS stands USING (company, source)
    WHERE standing = 1 AND ($ids IS NULL OR list_contains($ids, company))
        AND period_end >= $since
        AND concept IN ('EntityCommonStockSharesOutstanding', 'Assets')
)
GROUP BY company
ORDER BY company
