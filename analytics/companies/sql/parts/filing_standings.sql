-- The 13F filings of quarters that count at the clock: the last whole report of each manager, and
-- every amendment after it that adds to it; one that says the same again does not
-- $first date : earliest quarter end
-- $last date : latest quarter end
-- $managers list = : these managers, all of them without it
WITH submitted AS (
    SELECT manager, source, period_end, accession, form, amendment_type, filed_on,
        min(known_at) AS filed_at,
        max(flag) FILTER (cusip = 'none') AS nothing,
        string_agg(
            concat_ws('|', cusip, put_call, amount_kind, discretion, value_usd, amount), ';'
            ORDER BY cusip, put_call, amount_kind, discretion
        ) FILTER (amendment_type = 'NEW HOLDINGS') AS content
    FROM fund_holdings
    JOIN {standing of fund_holdings_known per manager of source
        where period_end BETWEEN $first AND $last
            AND (len($managers) = 0 OR list_contains($managers, manager))} AS ranked USING (manager, source)
    WHERE standing = 1 AND period_end BETWEEN $first AND $last
        AND (len($managers) = 0 OR list_contains($managers, manager))
    GROUP BY ALL
),
placed AS (
    SELECT *, row_number() OVER (
            PARTITION BY manager, period_end, amendment_type IS NOT DISTINCT FROM 'NEW HOLDINGS'
            ORDER BY filed_at DESC, accession DESC
        ) AS place,
        row_number() OVER (
            PARTITION BY manager, period_end, content ORDER BY filed_at, accession
        ) AS repeat
    FROM submitted
),
bases AS (
    SELECT manager, period_end, accession AS base, filed_at AS base_at FROM placed
    WHERE content IS NULL AND place = 1
),
counted AS (
    SELECT placed.*, base IS NOT NULL AS has_base
    FROM placed LEFT JOIN bases USING (manager, period_end)
    WHERE accession = base
        OR (content IS NOT NULL AND repeat = 1 AND (base IS NULL OR filed_at >= base_at))
)
