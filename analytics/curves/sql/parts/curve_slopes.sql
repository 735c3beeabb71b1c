-- The slopes of a yield curve day by day: the longer tenor less the shorter one, in basis points
-- $slopes list : their names; $shorts and $longs list the tenors of each
-- $since date : first day
WITH points AS (
{part curve_points}
), pairs AS (
    SELECT unnest($slopes) AS slope, unnest($shorts) AS short, unnest($longs) AS long
), days AS (SELECT DISTINCT period FROM points WHERE period >= $since)
SELECT slope, days.period, round(100 * (far.value - near.value), 6) AS bp,
    greatest(far.known_at, near.known_at) AS known_at
FROM pairs CROSS JOIN days
LEFT JOIN points AS near ON near.period = days.period AND near.tenor = short
LEFT JOIN points AS far ON far.period = days.period AND far.tenor = long
WHERE short IN (SELECT tenor FROM points) AND long IN (SELECT tenor FROM points)
ORDER BY list_position($slopes, slope), days.period
