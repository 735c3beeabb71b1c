-- Events that became known from an instant on, each in its first account
-- $symbols list : the instruments looked at
-- $country str : the country looked at, null for none
-- $start datetime : known at or after this
-- An event counts from the moment it had both happened and become known.
WITH told AS (
    SELECT event_id, source, event_at, precision, symbols, country, title,
        greatest(event_at, seen_at) AS moment,
        (greatest(event_at, seen_at), -epoch_us(known_at)) AS since
    FROM events_known
    WHERE (list_has_any(coalesce(symbols, []), $symbols) OR kind IN ('crash', 'flash_crash')
            OR len(coalesce(symbols, [])) = 0 AND coalesce(country = $country, country IS NULL))
)
SELECT 'event' AS kind, arg_min(event_at, since) AS about,
    arg_min(precision, since) AS precision,
    CASE WHEN len(arg_min(symbols, since)) = 1 THEN arg_min(symbols, since)[1] END AS symbol,
    arg_min(title, since) AS text, NULL::DOUBLE AS value, min(moment) AS known_at
FROM told
WHERE moment <= getvariable('as_of')
GROUP BY event_id, source
HAVING min(moment) >= $start
ORDER BY known_at, text, source
