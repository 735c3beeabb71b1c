-- What is in the lake: rows, range and rhythm of each dataset, as known at the clock
-- Rows are expected at the latest a day after the longest gap between two days of publication in
-- the 400 days before the clock; 800 for trade, fundamentals and exposures, whose rhythm is a
-- year. Lists that change when the world does (instruments, countries, series, companies, links)
-- and what people bring (expectations) have no rhythm, nor has a dataset with fewer than three gaps.
WITH totals AS (
    SELECT 'instruments' AS dataset, count(*) AS rows, CAST(min(known_at) AS DATE) AS low,
        CAST(max(known_at) AS DATE) AS high, max(known_at) AS newest
    FROM instruments HAVING count(*) > 0
    UNION ALL
    SELECT 'prices' AS dataset, count(*) AS rows, CAST(min(date) AS DATE) AS low,
        CAST(max(date) AS DATE) AS high, max(known_at) AS newest
    FROM prices HAVING count(*) > 0
    UNION ALL
    SELECT 'bars' AS dataset, count(*) AS rows, CAST(min(event_at) AS DATE) AS low,
        CAST(max(event_at) AS DATE) AS high, max(known_at) AS newest
    FROM bars HAVING count(*) > 0
    UNION ALL
    SELECT 'ticks' AS dataset, count(*) AS rows, CAST(min(event_at) AS DATE) AS low,
        CAST(max(event_at) AS DATE) AS high, max(known_at) AS newest
    FROM ticks HAVING count(*) > 0
    UNION ALL
    SELECT 'series' AS dataset, count(*) AS rows, CAST(min(known_at) AS DATE) AS low,
        CAST(max(known_at) AS DATE) AS high, max(known_at) AS newest
    FROM series HAVING count(*) > 0
    UNION ALL
    SELECT 'macro' AS dataset, count(*) AS rows, CAST(min(period) AS DATE) AS low,
        CAST(max(period) AS DATE) AS high, max(known_at) AS newest
    FROM macro HAVING count(*) > 0
    UNION ALL
    SELECT 'releases' AS dataset, count(*) AS rows, CAST(min(scheduled_at) AS DATE) AS low,
        CAST(max(scheduled_at) AS DATE) AS high, max(known_at) AS newest
    FROM releases HAVING count(*) > 0
    UNION ALL
    SELECT 'expectations' AS dataset, count(*) AS rows, CAST(min(period) AS DATE) AS low,
        CAST(max(period) AS DATE) AS high, max(known_at) AS newest
    FROM expectations HAVING count(*) > 0
    UNION ALL
    SELECT 'countries' AS dataset, count(*) AS rows, CAST(min(known_at) AS DATE) AS low,
        CAST(max(known_at) AS DATE) AS high, max(known_at) AS newest
    FROM countries HAVING count(*) > 0
    UNION ALL
    SELECT 'trade' AS dataset, count(*) AS rows, make_date(min(year), 1, 1) AS low,
        make_date(max(year), 1, 1) AS high, max(known_at) AS newest
    FROM trade HAVING count(*) > 0
    UNION ALL
    SELECT 'companies' AS dataset, count(*) AS rows, CAST(min(known_at) AS DATE) AS low,
        CAST(max(known_at) AS DATE) AS high, max(known_at) AS newest
    FROM companies HAVING count(*) > 0
    UNION ALL
    SELECT 'fundamentals' AS dataset, count(*) AS rows, CAST(min(period_end) AS DATE) AS low,
        CAST(max(period_end) AS DATE) AS high, max(known_at) AS newest
    FROM fundamentals HAVING count(*) > 0
    UNION ALL
    SELECT 'exposures' AS dataset, count(*) AS rows, CAST(min(period_end) AS DATE) AS low,
        CAST(max(period_end) AS DATE) AS high, max(known_at) AS newest
    FROM exposures HAVING count(*) > 0
    UNION ALL
    SELECT 'attention' AS dataset, count(*) AS rows, CAST(min(date) AS DATE) AS low,
        CAST(max(date) AS DATE) AS high, max(known_at) AS newest
    FROM attention HAVING count(*) > 0
    UNION ALL
    SELECT 'news' AS dataset, count(*) AS rows, CAST(min(event_at) AS DATE) AS low,
        CAST(max(event_at) AS DATE) AS high, max(known_at) AS newest
    FROM news HAVING count(*) > 0
    UNION ALL
    SELECT 'events' AS dataset, count(*) AS rows, CAST(min(event_at) AS DATE) AS low,
        CAST(max(event_at) AS DATE) AS high, max(known_at) AS newest
    FROM events HAVING count(*) > 0
    UNION ALL
    SELECT 'links' AS dataset, count(*) AS rows, CAST(min(known_at) AS DATE) AS low,
        CAST(max(known_at) AS DATE) AS high, max(known_at) AS newest
    FROM links HAVING count(*) > 0
), days AS (
    SELECT DISTINCT 'prices' AS dataset, CAST(known_at AS DATE) AS day FROM prices
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'bars' AS dataset, CAST(known_at AS DATE) AS day FROM bars
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'ticks' AS dataset, CAST(known_at AS DATE) AS day FROM ticks
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'macro' AS dataset, CAST(known_at AS DATE) AS day FROM macro
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'releases' AS dataset, CAST(known_at AS DATE) AS day FROM releases
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'trade' AS dataset, CAST(known_at AS DATE) AS day FROM trade
    WHERE known_at >= getvariable('as_of') - INTERVAL 800 DAY
    UNION ALL
    SELECT DISTINCT 'fundamentals' AS dataset, CAST(known_at AS DATE) AS day FROM fundamentals
    WHERE known_at >= getvariable('as_of') - INTERVAL 800 DAY
    UNION ALL
    SELECT DISTINCT 'exposures' AS dataset, CAST(known_at AS DATE) AS day FROM exposures
    WHERE known_at >= getvariable('as_of') - INTERVAL 800 DAY
    UNION ALL
    SELECT DISTINCT 'attention' AS dataset, CAST(known_at AS DATE) AS day FROM attention
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'news' AS dataset, CAST(known_at AS DATE) AS day FROM news
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
    UNION ALL
    SELECT DISTINCT 'events' AS dataset, CAST(known_at AS DATE) AS day FROM events
    WHERE known_at >= getvariable('as_of') - INTERVAL 400 DAY
), gaps AS (
    SELECT dataset, day - lag(day) OVER (PARTITION BY dataset ORDER BY day) AS gap FROM days
), rhythm AS (
    SELECT dataset, max(gap) AS longest_gap_days FROM gaps GROUP BY dataset HAVING count(gap) >= 3
)
SELECT dataset, rows, low, high, newest, longest_gap_days,
    newest + to_days(CAST(longest_gap_days + 1 AS INTEGER)) AS expected_by
FROM totals LEFT JOIN rhythm USING (dataset)
ORDER BY dataset
