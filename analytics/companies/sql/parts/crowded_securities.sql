-- The securities that most managers hold at a quarter's end, in shares
-- $top int : how many
{part filing_standings}
SELECT cusip, arg_max(issuer, filed_at) AS issuer, arg_max(title_of_class, filed_at) AS title_of_class,
    count(DISTINCT manager) FILTER (period_end = $last) AS holders,
    count(DISTINCT manager) FILTER (period_end = $first) AS previous_holders,
    sum(value_usd) FILTER (period_end = $last) AS value_usd
FROM counted
JOIN (
    SELECT manager, source, period_end, accession, cusip, issuer, title_of_class, value_usd
    FROM fund_holdings
    WHERE period_end BETWEEN $first AND $last AND cusip <> 'none' AND put_call = 'none'
        AND amount_kind = 'SH' AND amount > 0
        AND (len($managers) = 0 OR list_contains($managers, manager))
) AS held USING (manager, source, period_end, accession)
GROUP BY cusip
ORDER BY holders DESC, value_usd DESC NULLS LAST, cusip
LIMIT $top
