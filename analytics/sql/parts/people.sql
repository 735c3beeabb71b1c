-- How many people live in each country, and in which region
SELECT country, min(region) AS region, min(population) AS population
FROM countries
GROUP BY country
