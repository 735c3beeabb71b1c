-- The currency of each country as it was known at the clock, of the source that is shown
SELECT country, currency
FROM countries
JOIN {standing of countries_known per country of source} AS stands USING (country, source)
WHERE standing = 1 AND currency IS NOT NULL
ORDER BY country
