-- Countries of which a growth and a price series are known
-- $growth list : indicators that speak for growth
-- $prices list : indicators that speak for prices
SELECT country
FROM series
WHERE country IS NOT NULL AND frequency = 'monthly'
GROUP BY country
HAVING count(*) FILTER (list_contains($growth, indicator)) > 0
    AND count(*) FILTER (list_contains($prices, indicator)) > 0
ORDER BY country
