-- One row for each manager and quarter: which filings count at the clock, and what they amount to
{part filing_standings}
SELECT manager, arg_max(manager_name, filed_at) AS manager_name, period_end,
    max(filed_on) AS filed_on, arg_max(form, filed_at) AS form,
    count(DISTINCT accession) FILTER (counted.amendment_type = 'NEW HOLDINGS') AS additions,
    bool_or(counted.amendment_type IS NOT DISTINCT FROM 'RESTATEMENT') AS is_restated,
    bool_and(has_base) AS has_base, max(nothing) AS nothing,
    count(DISTINCT cusip || put_call || amount_kind) FILTER (cusip <> 'none') AS positions,
    sum(value_usd) FILTER (put_call = 'none') AS value_usd,
    sum(value_usd) FILTER (put_call <> 'none') AS options_usd,
    max(filed_at) AS known_at
FROM counted
JOIN (
    SELECT manager, source, period_end, accession, manager_name, cusip, put_call, amount_kind,
        value_usd
    FROM fund_holdings
    WHERE period_end BETWEEN $first AND $last
        AND (len($managers) = 0 OR list_contains($managers, manager))
) AS held USING (manager, source, period_end, accession)
GROUP BY manager, period_end
ORDER BY period_end, manager
