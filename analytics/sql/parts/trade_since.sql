-- Flows of each reporter that became known, or changed, after a moment
-- $since datetime : the earlier of two clocks
-- $house bool = false : true where the clock is that of this lake
WITH visible AS (
    SELECT reporter, source, year,
        CASE WHEN $house THEN greatest(known_at, ingested_at) ELSE known_at END AS moment
    FROM trade_vintages
    WHERE known_at <= getvariable('as_of')
        AND (NOT $house OR ingested_at <= getvariable('as_of'))
)
SELECT reporter, source, max(year) AS year, count(*) AS count, max(moment) AS moment
FROM visible WHERE moment > $since
GROUP BY reporter, source ORDER BY reporter, source
