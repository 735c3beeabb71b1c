-- A yield curve on its last day and on earlier dates: every tenor that it ever had, null if absent
-- $dates list : days as text
WITH points AS (
{part curve_points}
), days AS (SELECT DISTINCT period FROM points),
ladder AS (SELECT DISTINCT tenor, months FROM points),
wanted AS (
    SELECT max(period) AS period, NULL::DATE AS wanted FROM days
    UNION ALL
    SELECT max(period), asked.wanted
    FROM (SELECT DISTINCT unnest($dates)::DATE AS wanted) AS asked
    JOIN days ON period <= asked.wanted AND period > asked.wanted - 10
    GROUP BY asked.wanted
)
SELECT wanted, wanted.period, tenor, months, value, known_at
FROM wanted CROSS JOIN ladder LEFT JOIN points USING (period, tenor, months)
ORDER BY wanted DESC NULLS FIRST, months
