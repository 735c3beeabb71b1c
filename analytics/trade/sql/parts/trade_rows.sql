-- Flows of some years, or of months in them, as their reporters stated them, nothing counted twice:
-- parts of a query that begins with parts/trade_years or parts/trade_months and ends with `trade_rows`
-- $first int : first year
-- $last int : last year
-- $reporters list : only these reporters; null for all
-- $partners list : only these partners; null for all
-- $products list : only these codes of goods; null for all
-- $flow str : only this direction as its reporter sees it; null for all
-- $level int : 0 for the total of all goods, 2, 4 or 6 for codes of that length; null for all
-- $world list : codes that stand for all partners together
-- $unspecified list : codes of partners that are no country
-- $groups list : codes of groups of countries
-- A weight of zero beside a value was not reported, and one without a value prices nothing.
, codes AS (
    SELECT code, arg_min(kind, place) AS code_kind
    FROM (
        SELECT unnest($world) AS code, 'world' AS kind, 1 AS place
        UNION ALL SELECT 'S19', 'country', 2
        UNION ALL SELECT unnest($unspecified), 'unspecified', 3
        UNION ALL SELECT unnest($groups), 'group', 4
    )
    GROUP BY code
), stated AS (
    SELECT filed.reporter, is_group, trim(partner) AS partner, product, flow, filed.year, filed.month, value_usd,
        net_weight_kg, valuation, classification, editions, known_at, filed.source
    FROM filed
    JOIN reports ON reports.reporter = filed.reporter AND reports.year = filed.year
        AND reports.month = filed.month AND reports.source = filed.source
        AND coalesce(classification, '') = CASE product WHEN 'TOTAL' THEN taken_total ELSE taken END
    WHERE filed.year BETWEEN $first AND $last
        AND ($flow IS NULL OR flow = $flow)
        AND ($reporters IS NULL OR list_contains($reporters, filed.reporter))
        AND ($partners IS NULL OR list_contains($partners, trim(partner)))
        AND ($products IS NULL OR list_contains($products, product))
        AND CASE WHEN $level = 0 THEN product = 'TOTAL'
            WHEN $level > 0 THEN product <> 'TOTAL' AND length(product) = $level
            ELSE true END
), trade_rows AS (
    SELECT reporter, is_group, partner, product, flow, year, month, value_usd,
        CASE WHEN value_usd IS NOT NULL AND (net_weight_kg > 0 OR value_usd = 0)
            THEN net_weight_kg END AS net_weight_kg,
        valuation,
        CASE classification WHEN 'H0' THEN 'HS1992' WHEN 'H1' THEN 'HS1996' WHEN 'H2' THEN 'HS2002'
            WHEN 'H3' THEN 'HS2007' WHEN 'H4' THEN 'HS2012' WHEN 'H5' THEN 'HS2017'
            WHEN 'H6' THEN 'HS2022' ELSE classification END AS edition,
        editions,
        CASE WHEN partner = reporter THEN 'own'
            WHEN code_kind IN ('world', 'country', 'unspecified') THEN code_kind
            WHEN partner < 'A' OR substr(partner, 2, 1) BETWEEN '0' AND '9' THEN 'unspecified'
            ELSE coalesce(code_kind, 'country') END AS kind,
        product <> 'TOTAL' AND starts_with(product, '99') AS is_unspecified_product,
        known_at, source
    FROM stated LEFT JOIN codes ON codes.code = stated.partner
)
