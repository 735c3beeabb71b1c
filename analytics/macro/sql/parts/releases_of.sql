-- Releases as they stood, each with its first print and the last consensus known before it
-- $countries list : these countries, null for all of them
-- $since datetime : scheduled, or changed last, at or after this
-- A consensus in another unit than the print is none.
WITH prints AS (
{part release_prints}
)
SELECT stood.series_id, stood.source, stood.country, stood.title, stood.period,
    stood.scheduled_at, stood.precision, stood.status, stood.importance, stood.previous,
    coalesce(actual_unit, stood.unit) AS unit, released_at, prints.actual,
    CASE WHEN prints.actual IS NULL OR actual_unit = expected_unit THEN prints.consensus END
        AS consensus,
    expected_at, stood.known_at
FROM releases AS stood LEFT JOIN prints USING (series_id, period, source)
WHERE (scheduled_at >= $since OR stood.known_at >= $since)
    AND ($countries IS NULL OR list_contains($countries, stood.country))
ORDER BY stood.scheduled_at, stood.series_id, stood.period, stood.source
