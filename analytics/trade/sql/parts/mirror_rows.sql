-- Flows of a year as both sides state them, with the gap and its flag
-- The parameters are those of parts/mirrors.
{part trade_years}
{part mirrors}
SELECT * FROM mirrors ORDER BY seller, buyer, product
