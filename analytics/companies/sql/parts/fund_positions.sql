-- What managers hold at quarter ends by the filings that count at the clock
-- $cusips list = : these securities, all of them without it
{part filing_standings}
SELECT manager, period_end, cusip, put_call, amount_kind,
    arg_max(issuer, filed_at) AS issuer, arg_max(title_of_class, filed_at) AS title_of_class,
    sum(value_usd) AS value_usd, sum(amount) AS amount, sum(entries) AS entries,
    count(DISTINCT accession) AS filings, arg_max(accession, filed_at) AS accession,
    string_agg(DISTINCT flag, '; ' ORDER BY flag) AS flag,
    max(filed_at) AS known_at
FROM counted
JOIN (
    SELECT manager, source, period_end, accession, cusip, put_call, amount_kind, issuer,
        title_of_class, value_usd, amount, entries, flag
    FROM fund_holdings
    WHERE period_end BETWEEN $first AND $last AND cusip <> 'none'
        AND (len($managers) = 0 OR list_contains($managers, manager))
        AND (len($cusips) = 0 OR list_contains($cusips, cusip))
) AS held USING (manager, source, period_end, accession)
GROUP BY manager, period_end, cusip, put_call, amount_kind
ORDER BY period_end, manager, cusip, put_call, amount_kind
