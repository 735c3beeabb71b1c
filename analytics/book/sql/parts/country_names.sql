-- What countries are called
SELECT country, min(name) AS name
FROM countries JOIN {standing of countries_known per country of source} AS stands
    USING (country, source)
WHERE standing = 1
GROUP BY country
ORDER BY country
