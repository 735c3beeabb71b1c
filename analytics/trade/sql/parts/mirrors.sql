-- Flows of a year or month as their seller and as their buyer state them, and the gap between the two:
-- parts of a query that begins with parts/trade_years or parts/trade_months and ends with `mirrors`
-- $freight float : what insurance and freight add to a value that an importer states CIF
-- $threshold float : above which size of the gap the two do not agree
-- $bridges list : edition, later edition and code of goods that mean the same in both
-- The other parameters are those of parts/trade_rows; the gap is of the two values made FOB.
-- A side that has reported the period without this flow is `one_sided`, one that has not reported
-- it at all, or not that direction by partner at that level of goods, makes the flow
-- `unverifiable`: what is missing is no zero.
{part trade_rows}
, exports AS (
    SELECT reporter AS seller, partner AS buyer, product, value_usd AS exports_usd, edition,
        valuation, net_weight_kg, known_at
    FROM trade_rows WHERE flow = 'export' AND kind = 'country' AND NOT is_group
), imports AS (
    SELECT partner AS seller, reporter AS buyer, product, value_usd AS imports_usd, edition,
        valuation, net_weight_kg, known_at
    FROM trade_rows WHERE flow = 'import' AND kind = 'country' AND NOT is_group
), both_sides AS (
    SELECT coalesce(exports.seller, imports.seller) AS seller,
        coalesce(exports.buyer, imports.buyer) AS buyer,
        coalesce(exports.product, imports.product) AS product,
        exports_usd, imports_usd,
        imports_usd / CASE WHEN imports.valuation = 'FOB' THEN 1 ELSE 1 + $freight END
            AS imports_fob_usd,
        exports.valuation AS exports_valuation, imports.valuation AS imports_valuation,
        exports.edition AS exports_edition, imports.edition AS imports_edition,
        exports.net_weight_kg AS exports_kg, imports.net_weight_kg AS imports_kg,
        greatest(exports.known_at, imports.known_at) AS known_at
    FROM exports FULL JOIN imports ON exports.seller = imports.seller
        AND exports.buyer = imports.buyer AND exports.product = imports.product
), compared AS (
    SELECT both_sides.* EXCLUDE (place),
        exports_usd IS NOT NULL OR coalesce((sellers.stated >> place) & 1 = 1, false) AS seller_reported,
        imports_usd IS NOT NULL OR coalesce((buyers.stated >> (place + 4)) & 1 = 1, false) AS buyer_reported,
        product = 'TOTAL' OR exports_edition IS NOT DISTINCT FROM imports_edition
            OR (len($bridges) > 0
                AND (list_contains($bridges, exports_edition || ' ' || imports_edition || ' ' || product)
                    OR list_contains(
                        $bridges, imports_edition || ' ' || exports_edition || ' ' || product)))
            AS is_comparable
    FROM (
        SELECT *, CASE WHEN product = 'TOTAL' THEN 0 WHEN length(product) <= 2 THEN 1
            WHEN length(product) <= 4 THEN 2 ELSE 3 END AS place
        FROM both_sides
    ) AS both_sides
    LEFT JOIN reports AS sellers ON sellers.reporter = seller
    LEFT JOIN reports AS buyers ON buyers.reporter = buyer
), measured AS (
    SELECT *, CASE WHEN is_comparable AND exports_usd + imports_fob_usd > 0
        THEN (imports_fob_usd - exports_usd) / ((imports_fob_usd + exports_usd) / 2) END AS gap
    FROM compared
)
, mirrors AS (
    SELECT seller, buyer, product, exports_usd, imports_usd, imports_fob_usd, gap,
        CASE WHEN exports_usd IS NULL AND NOT seller_reported THEN 'unverifiable'
            WHEN imports_usd IS NULL AND NOT buyer_reported THEN 'unverifiable'
            WHEN exports_usd IS NULL AND imports_usd IS NULL THEN 'unverifiable'
            WHEN exports_usd IS NULL OR imports_usd IS NULL OR (exports_usd = 0) <> (imports_usd = 0)
                THEN 'one_sided'
            WHEN NOT is_comparable THEN 'editions_differ'
            WHEN abs(gap) > $threshold THEN 'gap'
            ELSE 'agrees' END AS flag,
        exports_valuation, imports_valuation, exports_edition, imports_edition, exports_kg, imports_kg,
        known_at
    FROM measured
)
