-- The next releases on the calendar, as scheduled at the clock
-- $top int = 8: how many
SELECT scheduled_at, precision, title, country, series_id, period, importance, consensus,
    previous, unit, known_at, source
FROM releases
WHERE status IN ('scheduled', 'rescheduled') AND actual IS NULL
    AND scheduled_at > getvariable('as_of')
ORDER BY scheduled_at, importance DESC NULLS LAST, series_id, period, source
LIMIT $top
