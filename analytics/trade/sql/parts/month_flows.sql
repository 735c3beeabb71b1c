-- Flows of months, a row per reporter, partner, product, flow and month
-- The parameters are those of parts/trade_months and parts/trade_rows.
{part trade_months}
{part trade_rows}
SELECT * EXCLUDE (is_group) FROM trade_rows
ORDER BY year, month, reporter, flow, product, partner
