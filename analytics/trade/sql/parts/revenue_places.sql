-- Each company's revenue by place in the last fiscal period that is known, and its share
-- $oldest int = 800 : how many days before the clock that period may have ended
-- The whole is summed as decimal numbers, so that it does not depend on the order of rows.
SELECT company, name, place, period_end, revenue, currency,
    revenue / CAST(sum(CAST(revenue AS DECIMAL(38, 4))) OVER (PARTITION BY company, period_end)
            AS DOUBLE)
        AS share, exposures.known_at, coalesce(withdrawn, false) AS withdrawn
FROM exposures
JOIN {standing of exposures_known per company of source} AS stands USING (company, source)
LEFT JOIN (SELECT company, name, withdrawn FROM {companies}) AS names USING (company)
WHERE standing = 1 AND revenue >= 0
    AND period_end >= CAST(getvariable('as_of') AS DATE) - CAST($oldest AS INTEGER)
QUALIFY period_end = max(period_end) OVER (PARTITION BY company)
    AND sum(revenue) OVER (PARTITION BY company, period_end) > 0
ORDER BY company, place
