-- Of each release its first print, and the last consensus known before it
-- $countries list : these countries, null for all of them
-- $since datetime : scheduled, or changed last, at or after this
-- A consensus that was known only with the print or after it is none. An expectation that the
-- team brought counts like the source's own; the newest one wins, of those of one instant the
-- team's. `settled_at` is since when print and consensus are in view, `begins_at` since when any
-- print is.
WITH visible AS (
    SELECT * FROM releases_known SEMI JOIN (
        SELECT series_id, period, source FROM releases
        WHERE scheduled_at >= $since OR known_at >= $since
    ) AS recent USING (series_id, period, source)
    WHERE ($countries IS NULL OR list_contains($countries, country))
), printed AS (
    SELECT series_id, period, source, min(known_at) AS released_at,
        arg_min(actual, known_at) AS actual, arg_min(unit, known_at) AS actual_unit,
        arg_min(seen_at, known_at) AS shown_at, min(seen_at) AS first_shown_at
    FROM visible WHERE actual IS NOT NULL
    GROUP BY series_id, period, source
), told AS (
    SELECT series_id, period, source, consensus, unit, known_at,
        coalesce(consensus_known_at, known_at) AS expected_at, seen_at, '' AS brought_by
    FROM visible
    WHERE consensus IS NOT NULL
    UNION ALL
    SELECT series_id, period, slot.source, expected, brought.unit, brought.known_at,
        brought.known_at, brought.seen_at, brought.source
    FROM expectations_known AS brought
    JOIN (SELECT DISTINCT series_id, period, source FROM visible) AS slot USING (series_id, period)
    WHERE expected IS NOT NULL
), expected AS (
    -- The newest expectation, as it was first told: a later row may repeat it in another unit.
    SELECT told.series_id, told.period, told.source, max(expected_at) AS expected_at,
        arg_max(consensus, (expected_at, -epoch_us(told.known_at), brought_by)) AS consensus,
        arg_max(told.unit, (expected_at, -epoch_us(told.known_at), brought_by)) AS expected_unit,
        arg_max(seen_at, (expected_at, -epoch_us(told.known_at), brought_by)) AS shown_at
    FROM told LEFT JOIN printed USING (series_id, period, source)
    WHERE released_at IS NULL OR expected_at < released_at
    GROUP BY told.series_id, told.period, told.source
)
SELECT series_id, period, source, released_at, actual, actual_unit, expected_at, consensus,
    expected_unit, first_shown_at AS begins_at,
    greatest(first_shown_at, printed.shown_at, expected.shown_at) AS settled_at
FROM printed FULL JOIN expected USING (series_id, period, source)
