-- What is filed of whole years, as parts of a query that goes on with parts/trade_rows
WITH filed AS (
    SELECT *, 0 AS month FROM trade
), filed_known AS (
    SELECT *, 0 AS month FROM trade_known
)
