-- How many managers filed for each quarter, notices and empty reports among them
-- $first date : earliest quarter end
-- $last date : latest quarter end
SELECT period_end, count(DISTINCT manager) AS reports FROM fund_holdings
WHERE period_end BETWEEN $first AND $last
GROUP BY period_end
ORDER BY period_end
