-- Countries by name and currency, as known at the clock; one source for each
SELECT country, iso2, name, currency
FROM countries JOIN {standing of countries_known per country of source} AS stands
    USING (country, source)
WHERE standing = 1
ORDER BY country
