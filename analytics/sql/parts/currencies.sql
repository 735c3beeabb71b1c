-- The currency of each country as known at the clock; of several sources the first by name
SELECT country, arg_min(currency, source) AS currency
FROM countries WHERE currency IS NOT NULL
GROUP BY country ORDER BY country
