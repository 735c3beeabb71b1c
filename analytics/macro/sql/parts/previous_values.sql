-- The value of the period before some releases that state none, as known just before their print
-- $series list : ids of series
-- $since datetime : scheduled at or after this
-- $until datetime : and no later than this
-- What is not printed yet takes the value of the clock. The period before is the one that the
-- frequency says, and the last of 400 days where it says none; in another unit it is left out.
-- A value that its source gives only as it is today was known when this lake took it in.
WITH printed AS (
    SELECT series_id, period, source, min(known_at) AS released_at,
        arg_min(unit, known_at) AS actual_unit
    FROM releases_known
    WHERE actual IS NOT NULL AND list_contains($series, series_id)
    GROUP BY series_id, period, source
), asked AS (
    SELECT stood.series_id, stood.source, stood.period, coalesce(actual_unit, stood.unit) AS unit,
        coalesce(released_at, CASE WHEN status = 'released' THEN scheduled_at END) AS before,
        CASE frequency WHEN 'weekly' THEN INTERVAL 7 DAY WHEN 'monthly' THEN INTERVAL 1 MONTH
            WHEN 'quarterly' THEN INTERVAL 3 MONTH WHEN 'annual' THEN INTERVAL 1 YEAR END AS step
    FROM releases AS stood
    LEFT JOIN printed USING (series_id, period, source)
    LEFT JOIN (SELECT series_id, source, frequency FROM series) USING (series_id, source)
    WHERE previous IS NULL AND scheduled_at >= $since AND scheduled_at <= $until
        AND list_contains($series, stood.series_id)
), told AS (
    SELECT series_id, source, period, value, unit, known_at,
        CASE WHEN vintage_grade = 'current' THEN seen_at ELSE known_at END AS since
    FROM macro_known
    WHERE NOT is_forecast AND list_contains($series, series_id)
), found AS (
    SELECT asked.series_id, asked.source, asked.period, min(asked.unit) AS unit,
        max(told.period) AS previous_period,
        max_by(told, (told.period, told.known_at)) AS last
    FROM asked JOIN told ON told.series_id = asked.series_id AND told.source = asked.source
        AND told.period < asked.period
        AND told.period >= asked.period - coalesce(step, INTERVAL 400 DAY)
        AND (step IS NULL OR told.period = asked.period - step)
        AND (before IS NULL OR told.since < before)
    GROUP BY asked.series_id, asked.source, asked.period
)
SELECT series_id, source, period, last.value AS previous_value, previous_period,
    last.known_at AS previous_known_at
FROM found
WHERE last.value IS NOT NULL AND last.unit = unit
ORDER BY series_id, period, source
