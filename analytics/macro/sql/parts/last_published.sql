-- The newest period of each indicator of a country and when its first figure was published
-- Of several sources the first one counts. A first load brings all periods at once and is no
-- publication: without an earlier period that was known before, `is_new` is false.
WITH firsts AS (
    SELECT country, indicator, period, min(seen_at) AS moment
    FROM macro_known JOIN (
        SELECT DISTINCT series_id, source, country, indicator FROM series
    ) USING (series_id, source)
    WHERE NOT is_forecast AND country IS NOT NULL AND indicator IS NOT NULL
        AND period >= CAST(getvariable('as_of') AS DATE) - INTERVAL 3 YEAR
    GROUP BY country, indicator, period
), ordered AS (
    SELECT *, lag(moment) OVER (PARTITION BY country, indicator ORDER BY period) AS before
    FROM firsts
)
SELECT country, indicator, period, moment, coalesce(before < moment, false) AS is_new
FROM ordered
QUALIFY row_number() OVER (PARTITION BY country, indicator ORDER BY period DESC) = 1
ORDER BY country, indicator
