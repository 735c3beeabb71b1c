-- Flows of some years, or of months in them, as their reporters stated them, nothing counted twice:
-- parts of a query that begins with parts/trade_years or parts/trade_months and ends with `trade_rows`
-- $first int : first year
-- $last int : last year
-- $reporters list : only these reporters; null for all
-- $partners list : only these partners; null for all
-- $products list : only these codes of goods; null for all
-- $level int : 0 for the total of all goods, 2, 4 or 6 for codes of that length; null for all
-- $world list : codes that stand for all partners together
-- $unspecified list : codes of partners that are no country
-- $groups list : codes of groups of countries
-- Of each report, a reporter's year or month, one source and one edition of the list of goods are taken: the
-- Harmonised System before others, of several editions the one with most rows, then the newest.
-- A source that states the total in that edition is believed there; else any total of it is taken.
, editions AS (
    SELECT reporter, year, month, source, coalesce(classification, '') AS classification, {gathered},
        count(*) FILTER (superseded_at IS NULL AND product <> 'TOTAL') AS goods,
        count(*) FILTER (superseded_at IS NULL AND product = 'TOTAL') AS totals
    FROM filed_known
    WHERE year BETWEEN $first AND $last
        AND ($reporters IS NULL OR list_contains($reporters, reporter))
    GROUP BY reporter, year, month, source, coalesce(classification, '')
), sources AS (
    SELECT reporter, year, month, source
    FROM (
        SELECT reporter, year, month, source, min(grade) AS grade, min(taken_in) AS taken_in,
            min(known_first) AS known_first
        FROM editions GROUP BY reporter, year, month, source
    )
    QUALIFY row_number() OVER (PARTITION BY reporter, year, month ORDER BY {order}) = 1
), reports AS (
    SELECT reporter, year, month, source,
        first(classification ORDER BY goods = 0, NOT starts_with(classification, 'H'), goods DESC,
            classification DESC) AS taken,
        first(classification ORDER BY totals = 0, NOT starts_with(classification, 'H'), goods DESC,
            classification DESC) AS taken_total,
        count(*) FILTER (goods > 0) AS editions
    FROM editions JOIN sources USING (reporter, year, month, source)
    GROUP BY reporter, year, month, source
), trade_rows AS (
    SELECT filed.reporter, trim(partner) AS partner, product, flow, filed.year, filed.month,
        value_usd, net_weight_kg, valuation,
        CASE classification WHEN 'H0' THEN 'HS1992' WHEN 'H1' THEN 'HS1996' WHEN 'H2' THEN 'HS2002'
            WHEN 'H3' THEN 'HS2007' WHEN 'H4' THEN 'HS2012' WHEN 'H5' THEN 'HS2017'
            WHEN 'H6' THEN 'HS2022' ELSE classification END AS edition,
        editions,
        CASE WHEN trim(partner) = filed.reporter THEN 'own'
            WHEN list_contains($world, trim(partner)) THEN 'world'
            WHEN trim(partner) = 'S19' THEN 'country'
            WHEN list_contains($unspecified, trim(partner))
                OR trim(partner) < 'A' OR substr(trim(partner), 2, 1) BETWEEN '0' AND '9'
                THEN 'unspecified'
            WHEN list_contains($groups, trim(partner)) THEN 'group'
            ELSE 'country' END AS kind,
        product <> 'TOTAL' AND starts_with(product, '99') AS is_unspecified_product,
        known_at, filed.source
    FROM filed
    JOIN reports ON reports.reporter = filed.reporter AND reports.year = filed.year
        AND reports.month = filed.month AND reports.source = filed.source
        AND coalesce(classification, '') = CASE product WHEN 'TOTAL' THEN taken_total ELSE taken END
    WHERE filed.year BETWEEN $first AND $last
        AND ($reporters IS NULL OR list_contains($reporters, filed.reporter))
        AND ($partners IS NULL OR list_contains($partners, trim(partner)))
        AND ($products IS NULL OR list_contains($products, product))
        AND CASE WHEN $level = 0 THEN product = 'TOTAL'
            WHEN $level > 0 THEN product <> 'TOTAL' AND length(product) = $level
            ELSE true END
)
