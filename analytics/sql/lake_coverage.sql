-- What is in the lake: rows, range and rhythm of each dataset, as known at the clock
-- A dataset is late when its newest row is older than its usual gap allows. The usual gap is the
-- 90 % quantile of the days between distinct days of publication in the 400 days before the newest.
WITH days AS (
    SELECT 'instruments' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(known_at AS DATE)) AS low, max(CAST(known_at AS DATE)) AS high
    FROM instruments
    GROUP BY 1, 2
    UNION ALL
    SELECT 'prices' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(date AS DATE)) AS low, max(CAST(date AS DATE)) AS high
    FROM prices
    GROUP BY 1, 2
    UNION ALL
    SELECT 'bars' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(event_at AS DATE)) AS low, max(CAST(event_at AS DATE)) AS high
    FROM bars
    GROUP BY 1, 2
    UNION ALL
    SELECT 'ticks' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(event_at AS DATE)) AS low, max(CAST(event_at AS DATE)) AS high
    FROM ticks
    GROUP BY 1, 2
    UNION ALL
    SELECT 'series' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(known_at AS DATE)) AS low, max(CAST(known_at AS DATE)) AS high
    FROM series
    GROUP BY 1, 2
    UNION ALL
    SELECT 'macro' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(period AS DATE)) AS low, max(CAST(period AS DATE)) AS high
    FROM macro
    GROUP BY 1, 2
    UNION ALL
    SELECT 'releases' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(scheduled_at AS DATE)) AS low, max(CAST(scheduled_at AS DATE)) AS high
    FROM releases
    GROUP BY 1, 2
    UNION ALL
    SELECT 'countries' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(known_at AS DATE)) AS low, max(CAST(known_at AS DATE)) AS high
    FROM countries
    GROUP BY 1, 2
    UNION ALL
    SELECT 'trade' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(make_date(year, 1, 1)) AS low, max(make_date(year, 1, 1)) AS high
    FROM trade
    GROUP BY 1, 2
    UNION ALL
    SELECT 'companies' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(known_at AS DATE)) AS low, max(CAST(known_at AS DATE)) AS high
    FROM companies
    GROUP BY 1, 2
    UNION ALL
    SELECT 'fundamentals' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(period_end AS DATE)) AS low, max(CAST(period_end AS DATE)) AS high
    FROM fundamentals
    GROUP BY 1, 2
    UNION ALL
    SELECT 'exposures' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(period_end AS DATE)) AS low, max(CAST(period_end AS DATE)) AS high
    FROM exposures
    GROUP BY 1, 2
    UNION ALL
    SELECT 'attention' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(date AS DATE)) AS low, max(CAST(date AS DATE)) AS high
    FROM attention
    GROUP BY 1, 2
    UNION ALL
    SELECT 'news' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(event_at AS DATE)) AS low, max(CAST(event_at AS DATE)) AS high
    FROM news
    GROUP BY 1, 2
    UNION ALL
    SELECT 'events' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(event_at AS DATE)) AS low, max(CAST(event_at AS DATE)) AS high
    FROM events
    GROUP BY 1, 2
    UNION ALL
    SELECT 'links' AS dataset, CAST(known_at AS DATE) AS day, count(*) AS rows,
        max(known_at) AS newest, min(CAST(known_at AS DATE)) AS low, max(CAST(known_at AS DATE)) AS high
    FROM links
    GROUP BY 1, 2
), totals AS (
    SELECT dataset, sum(rows) AS rows, min(low) AS low, max(high) AS high, max(newest) AS newest
    FROM days GROUP BY dataset
), gaps AS (
    SELECT days.dataset,
        day - lag(day) OVER (PARTITION BY days.dataset ORDER BY day) AS gap
    FROM days JOIN totals USING (dataset)
    WHERE day >= CAST(totals.newest AS DATE) - 400
), rhythm AS (
    SELECT dataset, quantile_cont(gap, 0.9) AS usual_gap_days, count(gap) AS gaps
    FROM gaps GROUP BY dataset
)
SELECT dataset, CAST(rows AS BIGINT) AS rows, low, high, newest,
    CASE WHEN gaps >= 3 THEN usual_gap_days END AS usual_gap_days,
    CASE WHEN gaps >= 3 THEN
        newest + to_hours(CAST(24 * greatest(1.5 * usual_gap_days, usual_gap_days + 1) AS BIGINT))
    END AS expected_by
FROM totals LEFT JOIN rhythm USING (dataset)
ORDER BY dataset
