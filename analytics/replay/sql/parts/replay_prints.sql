-- First prints of a country's releases that came from an instant on, with what was expected then
-- $country str : the country
-- $start datetime : known at or after this
-- $importance int = 2 : of at least this importance
WITH told AS (
    SELECT series_id, period, source, scheduled_at, precision, title, actual, consensus, unit,
        seen_at AS moment, (seen_at, known_at) AS since
    FROM releases_known
    WHERE actual IS NOT NULL AND country = $country AND importance >= $importance
)
SELECT 'release' AS kind, arg_min(scheduled_at, since) AS about,
    arg_min(precision, since) AS precision, NULL::VARCHAR AS symbol,
    format('{}: {:.6g}{}{}', arg_min(title, since), arg_min(actual, since),
        coalesce(' ' || arg_min(unit, since), ''),
        coalesce(format(' (expected {:.6g})', arg_min(consensus, since)), '')) AS text,
    arg_min(actual, since) AS value, min(moment) AS known_at
FROM told
GROUP BY series_id, period, source
HAVING min(moment) >= $start
ORDER BY known_at, text, source
