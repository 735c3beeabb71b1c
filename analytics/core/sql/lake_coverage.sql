-- What is in the lake: rows, range and rhythm of each dataset, as known at the clock
-- Rows are expected at the latest a day after the longest gap between two days of publication in
-- the days before the clock that a dataset's contract states (`rhythm_days`). One that changes when
-- the world does, or when people bring something, has no rhythm, nor has one with fewer than three
-- gaps.
WITH totals AS (
    {each dataset:
    SELECT '<name>' AS dataset, count(*) AS rows, CAST(min(<day>) AS DATE) AS low,
        CAST(max(<day>) AS DATE) AS high, max(known_at) AS newest
    FROM <name> HAVING count(*) > 0}
), days AS (
    {each dataset with a rhythm:
    SELECT DISTINCT '<name>' AS dataset, CAST(known_at AS DATE) AS day FROM <name>
    WHERE known_at >= getvariable('as_of') - INTERVAL <rhythm_days> DAY}
), gaps AS (
    SELECT dataset, day - lag(day) OVER (PARTITION BY dataset ORDER BY day) AS gap FROM days
), rhythm AS (
    SELECT dataset, max(gap) AS longest_gap_days FROM gaps GROUP BY dataset HAVING count(gap) >= 3
)
SELECT dataset, rows, low, high, newest, longest_gap_days,
    newest + to_days(CAST(longest_gap_days + 1 AS INTEGER)) AS expected_by
FROM totals LEFT JOIN rhythm USING (dataset)
ORDER BY dataset
