-- Flows of months, a row per reporter, partner, product, flow and month
-- $flow str : only flows of this direction; null for all
-- The other parameters are those of parts/trade_months and parts/trade_rows.
{part trade_months}
{part trade_rows}
SELECT * FROM trade_rows WHERE $flow IS NULL OR flow = $flow
ORDER BY year, month, reporter, flow, product, partner
