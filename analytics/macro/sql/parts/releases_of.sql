-- Releases as they stood, each with its first print and the last consensus known before it
-- $countries list : these countries, null for all of them
-- $since datetime : scheduled at or after this
-- A consensus that was known only with the print or after it is none; nor is one in another unit.
-- An expectation that the team brought counts like the source's own; the newest one wins.
WITH visible AS (
    SELECT * FROM releases_known
    WHERE ($countries IS NULL OR list_contains($countries, country))
), printed AS (
    SELECT series_id, period, source, min(known_at) AS released_at,
        arg_min(actual, known_at) AS actual, arg_min(unit, known_at) AS actual_unit
    FROM visible WHERE actual IS NOT NULL
    GROUP BY series_id, period, source
), told AS (
    SELECT series_id, period, source, consensus, unit, known_at,
        coalesce(consensus_known_at, known_at) AS expected_at FROM visible
    WHERE consensus IS NOT NULL
    UNION ALL
    SELECT series_id, period, slot.source, expected, brought.unit, brought.known_at,
        brought.known_at
    FROM expectations_known AS brought
    JOIN (SELECT DISTINCT series_id, period, source FROM visible) AS slot USING (series_id, period)
    WHERE expected IS NOT NULL
), expected AS (
    -- The newest expectation, as it was first told: a later row may repeat it in another unit.
    SELECT told.series_id, told.period, told.source, max(expected_at) AS expected_at,
        arg_max(consensus, (expected_at, -epoch_us(told.known_at))) AS consensus,
        arg_max(told.unit, (expected_at, -epoch_us(told.known_at))) AS expected_unit
    FROM told LEFT JOIN printed USING (series_id, period, source)
    WHERE released_at IS NULL OR expected_at < released_at
    GROUP BY told.series_id, told.period, told.source
)
SELECT stood.series_id, stood.source, stood.country, stood.title, stood.period,
    stood.scheduled_at, stood.precision, stood.status, stood.importance, stood.previous,
    coalesce(actual_unit, stood.unit) AS unit, released_at, printed.actual,
    CASE WHEN printed.actual IS NULL OR actual_unit = expected_unit THEN expected.consensus END
        AS consensus,
    expected_at, stood.known_at
FROM releases AS stood
LEFT JOIN printed USING (series_id, period, source)
LEFT JOIN expected USING (series_id, period, source)
WHERE scheduled_at >= $since
    AND ($countries IS NULL OR list_contains($countries, stood.country))
ORDER BY stood.scheduled_at, stood.series_id, stood.period, stood.source
