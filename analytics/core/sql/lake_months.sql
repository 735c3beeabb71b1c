-- Rows that became known per dataset and month, in the months up to the clock
-- $months int = 24: how many months back, the running one included
WITH known AS (
    SELECT 'instruments' AS dataset, known_at
    FROM instruments
    UNION ALL
    SELECT 'prices' AS dataset, known_at
    FROM prices
    UNION ALL
    SELECT 'bars' AS dataset, known_at
    FROM bars
    UNION ALL
    SELECT 'ticks' AS dataset, known_at
    FROM ticks
    UNION ALL
    SELECT 'series' AS dataset, known_at
    FROM series
    UNION ALL
    SELECT 'macro' AS dataset, known_at
    FROM macro
    UNION ALL
    SELECT 'releases' AS dataset, known_at
    FROM releases
    UNION ALL
    SELECT 'expectations' AS dataset, known_at
    FROM expectations
    UNION ALL
    SELECT 'countries' AS dataset, known_at
    FROM countries
    UNION ALL
    SELECT 'trade' AS dataset, known_at
    FROM trade
    UNION ALL
    SELECT 'companies' AS dataset, known_at
    FROM companies
    UNION ALL
    SELECT 'fundamentals' AS dataset, known_at
    FROM fundamentals
    UNION ALL
    SELECT 'exposures' AS dataset, known_at
    FROM exposures
    UNION ALL
    SELECT 'attention' AS dataset, known_at
    FROM attention
    UNION ALL
    SELECT 'news' AS dataset, known_at
    FROM news
    UNION ALL
    SELECT 'events' AS dataset, known_at
    FROM events
    UNION ALL
    SELECT 'links' AS dataset, known_at
    FROM links
)
SELECT dataset, CAST(date_trunc('month', known_at) AS DATE) AS month, count(*) AS rows
FROM known
WHERE known_at >= date_trunc('month', getvariable('as_of')) - to_months(CAST($months AS INTEGER) - 1)
GROUP BY 1, 2
ORDER BY 1, 2
