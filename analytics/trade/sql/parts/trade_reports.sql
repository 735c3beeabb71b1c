-- When each reporter's year first became known, as far as the clock knows
-- $first int : first year
-- $last int : last year
SELECT reporter, year, min(known_at) AS published_at,
    arg_min(vintage_grade, known_at) AS vintage_grade
FROM trade_known
WHERE year BETWEEN $first AND $last
GROUP BY reporter, year
ORDER BY reporter, year
