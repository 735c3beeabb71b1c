-- Indicators that several countries have, with how many and in how many units
SELECT indicator, min(dimension) AS dimension, count(DISTINCT country) AS countries,
    count(DISTINCT unit) AS units, min(unit) AS unit
FROM series
WHERE country IS NOT NULL
GROUP BY indicator
HAVING count(DISTINCT country) > 1
ORDER BY dimension, indicator
