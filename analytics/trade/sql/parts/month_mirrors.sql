-- Flows of a month as both sides state them, with the gap and its flag
-- The parameters are those of parts/trade_months and parts/mirrors.
{part trade_months}
{part mirrors}
SELECT * FROM mirrors ORDER BY seller, buyer, product
