-- How many people live in each country, and in which region
SELECT country, any_value(region) AS region, any_value(population) AS population
FROM countries
GROUP BY country
