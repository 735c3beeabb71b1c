-- Events that had happened at the clock and became known after a moment
-- $since datetime : the earlier of two clocks
WITH visible AS (
    SELECT event_id, source, event_at, title, kind, country, symbols, known_at,
        greatest(event_at, seen_at) AS moment
    FROM events_known
    WHERE event_at <= getvariable('as_of')
)
SELECT event_id, source, last(title ORDER BY known_at) AS title, last(kind ORDER BY known_at) AS kind,
    last(country ORDER BY known_at) AS country, last(symbols ORDER BY known_at) AS symbols,
    min(moment) AS moment
FROM visible
GROUP BY event_id, source HAVING min(moment) > $since
ORDER BY moment, event_id, source
