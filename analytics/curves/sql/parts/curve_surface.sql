-- A yield curve on the last day of every week or month: every tenor that it ever had
-- $since date : first day
-- $step str : week or month
-- A week or month without a curve has rows without a period, so that it is seen to be missing.
WITH points AS (
{part curve_points}
), days AS (
    SELECT date_trunc($step, period)::DATE AS start, max(period) AS period
    FROM points
    WHERE period >= $since
    GROUP BY ALL
), reach AS (SELECT min(start)::TIMESTAMP AS low, max(start)::TIMESTAMP AS high FROM days),
steps AS (
    SELECT unnest(generate_series(low, high,
        CASE $step WHEN 'week' THEN INTERVAL 7 DAY ELSE INTERVAL 1 MONTH END))::DATE AS start
    FROM reach
), ladder AS (SELECT DISTINCT tenor, months FROM points)
SELECT steps.start, days.period, ladder.tenor, ladder.months, value, known_at
FROM steps CROSS JOIN ladder
LEFT JOIN days USING (start)
LEFT JOIN points ON points.period = days.period AND points.tenor = ladder.tenor
ORDER BY start, ladder.months
