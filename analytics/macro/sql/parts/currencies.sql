-- The currency of each country as known at the clock; of several sources the one that is shown
SELECT country, currency
FROM countries JOIN {standing of countries_known per country of source
    where currency IS NOT NULL} AS stands USING (country, source)
WHERE standing = 1 AND currency IS NOT NULL
ORDER BY country
