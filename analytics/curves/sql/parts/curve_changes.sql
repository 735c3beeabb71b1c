-- Each tenor of a yield curve on its last day, and its changes in basis points
WITH points AS (
{part curve_points}
), days AS (SELECT DISTINCT period FROM points),
ladder AS (SELECT DISTINCT tenor, months FROM points),
latest AS (SELECT max(period) AS last FROM days),
goals AS (
    SELECT 'day' AS step, (last - 1)::DATE AS goal FROM latest
    UNION ALL SELECT 'week', (last - 7)::DATE FROM latest
    UNION ALL SELECT 'month', (last - INTERVAL 1 MONTH)::DATE FROM latest
    UNION ALL SELECT 'year', (last - INTERVAL 1 YEAR)::DATE FROM latest
), bases AS (
    SELECT step, max(period) AS base
    FROM goals JOIN days ON period <= goal AND period > goal - 10
    GROUP BY step
), before AS (
    SELECT tenor,
        max(value) FILTER (step = 'day') AS day, max(value) FILTER (step = 'week') AS week,
        max(value) FILTER (step = 'month') AS month, max(value) FILTER (step = 'year') AS year
    FROM bases JOIN points ON points.period = bases.base
    GROUP BY tenor
)
SELECT ladder.tenor, ladder.months, last AS period, value,
    round(100 * (value - day), 6) AS day_bp, round(100 * (value - week), 6) AS week_bp,
    round(100 * (value - month), 6) AS month_bp, round(100 * (value - year), 6) AS year_bp,
    (SELECT base FROM bases WHERE step = 'day') AS day_base,
    (SELECT base FROM bases WHERE step = 'week') AS week_base,
    (SELECT base FROM bases WHERE step = 'month') AS month_base,
    (SELECT base FROM bases WHERE step = 'year') AS year_base,
    known_at
FROM ladder CROSS JOIN latest
LEFT JOIN points ON points.tenor = ladder.tenor AND points.period = last
LEFT JOIN before ON before.tenor = ladder.tenor
ORDER BY ladder.months
