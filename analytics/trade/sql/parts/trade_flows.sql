-- Flows of some years, a row per reporter, partner, product, flow and year
-- The parameters are those of parts/trade_rows.
{part trade_years}
{part trade_rows}
SELECT reporter, partner, kind, product, is_unspecified_product, flow, year, value_usd,
    net_weight_kg, valuation, edition, editions, known_at, source
FROM trade_rows
ORDER BY year, reporter, flow, product, partner
