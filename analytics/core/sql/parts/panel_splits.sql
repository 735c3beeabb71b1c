-- Every split, in the order in which they came into view
-- A session whose split was told otherwise before is here too, as it is told now, `settled_at`
-- since when; so whoever reads these leaves out what is none.
WITH sessions AS (
    SELECT DISTINCT symbol, date, source FROM prices_known
    WHERE split_ratio > 0 AND split_ratio <> 1
), told AS (
    SELECT symbol, source, date, split_ratio, known_at, seen_at,
        split_ratio IS DISTINCT FROM lag(split_ratio) OVER (
            PARTITION BY symbol, source, date ORDER BY known_at) AS is_other
    FROM prices_known SEMI JOIN sessions USING (symbol, date, source)
)
SELECT symbol, source, date, arg_max_null(split_ratio, known_at) AS ratio,
    min(seen_at) AS begins_at, max(seen_at) FILTER (is_other) AS settled_at
FROM told
GROUP BY symbol, source, date
ORDER BY begins_at, symbol, source, date
