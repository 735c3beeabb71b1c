-- How many people live in each country, and in which region
SELECT country, region, population
FROM countries JOIN {standing of countries_known per country of source} AS stands
    USING (country, source)
WHERE standing = 1
ORDER BY country
