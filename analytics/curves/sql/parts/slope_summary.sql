-- Each slope on the last day of its curve, its changes, and since when it has been inverted or not
-- $slopes list : their names; $shorts and $longs list the tenors of each
-- A slope that lacks a tenor on that day is null there; `last` is the day that had it.
WITH points AS (
{part curve_points}
), pairs AS (
    SELECT unnest($slopes) AS slope, unnest($shorts) AS short, unnest($longs) AS long
), slopes AS (
    SELECT slope, near.period, round(100 * (far.value - near.value), 6) AS bp,
        greatest(far.known_at, near.known_at) AS known_at
    FROM pairs
    JOIN points AS near ON near.tenor = short
    JOIN points AS far ON far.tenor = long AND far.period = near.period
), today AS (SELECT max(period) AS day FROM points),
latest AS (
    SELECT known.slope, day, last, bp, known_at
    FROM today CROSS JOIN (SELECT slope, max(period) AS last FROM slopes GROUP BY slope) AS known
    LEFT JOIN slopes ON slopes.slope = known.slope AND slopes.period = day
)
SELECT latest.slope, day AS period, latest.bp, latest.bp < 0 AS is_inverted,
    CASE WHEN latest.bp IS NOT NULL THEN min(slopes.period) FILTER (
        slopes.period > coalesce(turn.other, DATE '1700-01-01')) END AS since,
    round(latest.bp - arg_max(slopes.bp, slopes.period) FILTER (
        slopes.period <= day - INTERVAL 1 MONTH
        AND slopes.period > day - INTERVAL 1 MONTH - INTERVAL 10 DAY), 6) AS month_bp,
    round(latest.bp - arg_max(slopes.bp, slopes.period) FILTER (
        slopes.period <= day - INTERVAL 1 YEAR
        AND slopes.period > day - INTERVAL 1 YEAR - INTERVAL 10 DAY), 6) AS year_bp,
    CASE WHEN latest.bp IS NOT NULL THEN count(*) FILTER (slopes.bp < latest.bp) / count(*)
        END AS lower,
    last, latest.known_at
FROM latest
JOIN slopes ON slopes.slope = latest.slope
LEFT JOIN (
    SELECT slopes.slope, max(period) AS other
    FROM slopes JOIN latest ON latest.slope = slopes.slope
    WHERE (slopes.bp < 0) <> (latest.bp < 0)
    GROUP BY slopes.slope
) AS turn ON turn.slope = latest.slope
GROUP BY latest.slope, day, last, latest.bp, latest.known_at
ORDER BY list_position($slopes, latest.slope)
