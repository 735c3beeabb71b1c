-- What is filed of single months, as parts of a query that goes on with parts/trade_rows
-- $month int : this month of every year; null for all
WITH filed AS (
    SELECT *, month(period) AS month FROM trade_months
    WHERE $month IS NULL OR month(period) = $month
), filed_known AS (
    SELECT *, month(period) AS month FROM trade_months_known
    WHERE $month IS NULL OR month(period) = $month
)
