-- Managers with a line of some securities in any filing of quarters, whether it counts or not
-- $first date : earliest quarter end
-- $last date : latest quarter end
-- $cusips list : the securities
SELECT DISTINCT manager FROM fund_holdings
WHERE period_end BETWEEN $first AND $last AND list_contains($cusips, cusip)
ORDER BY manager
