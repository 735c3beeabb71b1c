-- Of each country the gaps of the flows to it whose two sides are known, and by how much more is said
-- to be sold to it than it says to buy
-- The parameters are those of parts/mirrors.
-- Sums are of decimal numbers, so that they do not depend on the order of rows.
{part trade_years}
{part mirrors}
SELECT buyer AS country, median(gap) AS median_gap, count(*) FILTER (gap < 0) AS below,
    count(*) AS flows,
    CAST(sum(CAST(exports_usd - imports_fob_usd AS DECIMAL(30, 4))) AS DOUBLE) AS excess_usd
FROM mirrors
WHERE gap IS NOT NULL
GROUP BY buyer
ORDER BY buyer
