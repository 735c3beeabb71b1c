-- Flows of each reporter that became known, or changed, after a moment
-- $since datetime : the earlier of two clocks
WITH visible AS (
    SELECT reporter, source, year,
        seen_at AS moment
    FROM trade_known
)
SELECT reporter, source, max(year) AS year, count(*) AS count, max(moment) AS moment
FROM visible WHERE moment > $since
GROUP BY reporter, source ORDER BY reporter, source
