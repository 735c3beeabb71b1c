-- First prints of a country's releases that came from an instant on, with what was expected then
-- $country str : the country
-- $start datetime : known at or after this
-- $importance int = 2 : of at least this importance
WITH told AS (
    SELECT series_id, period, source, scheduled_at, precision, title, actual, consensus, unit,
        seen_at AS moment
    FROM releases_known
    WHERE actual IS NOT NULL AND country = $country AND importance >= $importance
)
SELECT 'release' AS kind, arg_min(scheduled_at, moment) AS about,
    arg_min(precision, moment) AS precision, NULL::VARCHAR AS symbol,
    format('{}: {:.6g}{}{}', arg_min(title, moment), arg_min(actual, moment),
        coalesce(' ' || arg_min(unit, moment), ''),
        coalesce(format(' (expected {:.6g})', arg_min(consensus, moment)), '')) AS text,
    arg_min(actual, moment) AS value, min(moment) AS known_at
FROM told
GROUP BY series_id, period, source
HAVING min(moment) >= $start
ORDER BY known_at, text, source
