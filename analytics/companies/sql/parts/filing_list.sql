-- Every 13F filing of managers for quarters, whether it counts at the clock or not
{part filing_standings}
SELECT period_end, accession, form, amendment_type, filed_on, placed.filed_at AS known_at,
    nothing, has_base, counted.accession IS NOT NULL AS counts, content IS NOT NULL AND repeat > 1 AS is_repeat,
    positions, lines, value_usd, options_usd, flag
FROM placed
LEFT JOIN (SELECT manager, source, period_end, accession, has_base FROM counted) AS counted
    USING (manager, source, period_end, accession)
JOIN (
    SELECT manager, source, period_end, accession,
        count(DISTINCT cusip || put_call || amount_kind) FILTER (cusip <> 'none') AS positions,
        sum(entries) AS lines,
        sum(value_usd) FILTER (put_call = 'none' AND cusip <> 'none') AS value_usd,
        sum(value_usd) FILTER (put_call <> 'none') AS options_usd,
        string_agg(DISTINCT flag, '; ' ORDER BY flag) FILTER (cusip <> 'none') AS flag
    FROM fund_holdings
    WHERE period_end BETWEEN $first AND $last
        AND (len($managers) = 0 OR list_contains($managers, manager))
    GROUP BY ALL
) AS listed USING (manager, source, period_end, accession)
ORDER BY period_end DESC, known_at DESC, accession DESC
