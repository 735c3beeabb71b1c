-- Releases past their schedule whose first print is not known
-- $within_days int = 400: how far back a schedule may lie
SELECT series_id, title, country, period, scheduled_at, precision, importance, consensus, unit,
    known_at, source
FROM releases
WHERE actual IS NULL AND status IN ('scheduled', 'rescheduled')
    AND scheduled_at + CASE precision WHEN 'month' THEN INTERVAL 1 MONTH
                                      WHEN 'day' THEN INTERVAL 1 DAY
                                      ELSE INTERVAL 15 MINUTE END <= getvariable('as_of')
    AND scheduled_at >= getvariable('as_of') - to_days(CAST($within_days AS INTEGER))
ORDER BY importance DESC NULLS LAST, scheduled_at, series_id, period, source
LIMIT 200
