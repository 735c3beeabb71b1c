-- Countries that have releases on the calendar
SELECT country, count(*) AS releases
FROM releases
WHERE country IS NOT NULL
GROUP BY country
ORDER BY country
