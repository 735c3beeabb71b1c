-- Of each country its region, and the number by which maps of the world know it
SELECT country, region, iso_numeric
FROM countries JOIN {standing of countries_known per country of source} AS told
    USING (country, source)
WHERE standing = 1
ORDER BY country
