-- Which yield curves have values at the clock
WITH points AS (
{part curve_points}
)
SELECT curve, count(DISTINCT tenor) AS tenors, min(period) AS first, max(period) AS last,
    max(known_at) AS known_at
FROM points
GROUP BY curve
ORDER BY curve
