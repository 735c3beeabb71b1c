-- Every state of each release: its row of `releases_of`, and from which clock until which it stands
-- $countries list : these countries, null for all of them
-- $since datetime : scheduled, or changed last, at or after this
-- $first datetime : of the clocks from this one on
-- $end datetime : and before this one
-- A vintage or an expectation that comes into view begins a state. `is_moved` says that a release
-- was of more than one country: of some countries alone it may have another print or consensus.
WITH recent AS (
    SELECT DISTINCT series_id, period, source FROM releases_known
    WHERE seen_at < $end AND (scheduled_at >= $since OR known_at >= $since)
        AND ($countries IS NULL OR list_contains($countries, country))
), told AS (
    SELECT series_id, period, source, country, unit, actual, consensus, known_at, seen_at,
        coalesce(consensus_known_at, known_at) AS expected_at,
        $countries IS NULL OR coalesce(list_contains($countries, country), false) AS is_wanted
    FROM releases_known SEMI JOIN recent USING (series_id, period, source)
    WHERE seen_at < $end
), brought AS (
    SELECT series_id, period, recent.source, expected, unit, known_at, seen_at,
        expectations_known.source AS brought_by
    FROM expectations_known JOIN recent USING (series_id, period)
    WHERE expected IS NOT NULL AND seen_at < $end
), moments AS (
    SELECT series_id, period, source, seen_at AS stands_from FROM told
    UNION
    SELECT series_id, period, source, seen_at FROM brought
), spans AS (
    SELECT *, lead(stands_from) OVER (
        PARTITION BY series_id, period, source ORDER BY stands_from) AS stands_until
    FROM moments QUALIFY stands_until IS NULL OR stands_until > $first
), stood AS (
    SELECT series_id, period, source, stands_from, min(stands_until) AS stands_until,
        max(known_at) AS known_at,
        min(known_at) FILTER (actual IS NOT NULL AND is_wanted) AS released_at,
        arg_min(actual, known_at) FILTER (actual IS NOT NULL AND is_wanted) AS actual,
        arg_min(unit, known_at) FILTER (actual IS NOT NULL AND is_wanted) AS actual_unit
    FROM spans JOIN told USING (series_id, period, source) WHERE seen_at <= stands_from
    GROUP BY series_id, period, source, stands_from
), hoped AS (
    SELECT series_id, period, source, consensus, unit, known_at, expected_at, seen_at,
        '' AS brought_by
    FROM told
    WHERE consensus IS NOT NULL AND is_wanted
    UNION ALL
    SELECT series_id, period, source, expected, unit, known_at, known_at, seen_at, brought_by
    FROM brought
), expected AS (
    SELECT series_id, period, source, stands_from, max(expected_at) AS expected_at,
        arg_max(consensus, (expected_at, -epoch_us(hoped.known_at), brought_by)) AS consensus,
        arg_max(unit, (expected_at, -epoch_us(hoped.known_at), brought_by)) AS expected_unit
    FROM stood JOIN hoped USING (series_id, period, source)
    WHERE seen_at <= stands_from AND (released_at IS NULL OR expected_at < released_at)
    GROUP BY series_id, period, source, stands_from
), moved AS (
    SELECT series_id, period, source FROM told GROUP BY series_id, period, source
    HAVING min(country) IS DISTINCT FROM max(country)
        OR count(country) BETWEEN 1 AND count(*) - 1
)
SELECT series_id, source, vintage.country, vintage.title, period,
    vintage.scheduled_at, vintage.precision, vintage.status, vintage.importance, vintage.previous,
    coalesce(actual_unit, vintage.unit) AS unit, released_at, stood.actual,
    CASE WHEN stood.actual IS NULL OR actual_unit = expected_unit THEN expected.consensus END
        AS consensus,
    expected.expected_at, known_at, stands_from, stands_until,
    (series_id, period, source) IN (FROM moved) AS is_moved
FROM stood JOIN releases_known AS vintage USING (series_id, period, source, known_at)
LEFT JOIN expected USING (series_id, period, source, stands_from)
WHERE (scheduled_at >= $since OR known_at >= $since)
    AND ($countries IS NULL OR list_contains($countries, vintage.country))
ORDER BY scheduled_at, series_id, period, source, stands_from
