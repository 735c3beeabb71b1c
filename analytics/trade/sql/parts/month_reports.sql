-- When each reporter's month first became known, as far as the clock knows
-- $first int : first year
-- $last int : last year
SELECT reporter, year, CAST(month(period) AS INTEGER) AS month, min(known_at) AS published_at,
    arg_min(vintage_grade, (known_at, {grade})) AS vintage_grade
FROM trade_months_known
WHERE year BETWEEN $first AND $last
GROUP BY reporter, year, month(period)
ORDER BY reporter, year, month
