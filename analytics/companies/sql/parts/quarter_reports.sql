-- How many managers filed for a quarter, notices and empty reports among them
-- $quarter date : its last day
SELECT count(DISTINCT manager) AS reports FROM fund_holdings WHERE period_end = $quarter
ORDER BY reports
