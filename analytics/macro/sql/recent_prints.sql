-- The last releases that were printed and move markets, newest first
-- $importance int = 3 : of at least this importance
-- $top int = 300 : how many
SELECT series_id, period, title, country, scheduled_at, precision, actual, unit, source
FROM releases
WHERE actual IS NOT NULL AND importance >= $importance
ORDER BY scheduled_at DESC, series_id, period, source
LIMIT $top
