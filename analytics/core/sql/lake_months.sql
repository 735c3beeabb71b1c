-- Rows that became known per dataset and month, in the months up to the clock
-- $months int = 24: how many months back, the running one included
WITH known AS (
    {each dataset: SELECT '<name>' AS dataset, known_at FROM <name>}
)
SELECT dataset, CAST(date_trunc('month', known_at) AS DATE) AS month, count(*) AS rows
FROM known
WHERE known_at >= date_trunc('month', getvariable('as_of')) - to_months(CAST($months AS INTEGER) - 1)
GROUP BY 1, 2
ORDER BY 1, 2
