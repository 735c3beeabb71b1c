-- Events that had happened and were known at the clock, newest first
-- $top int = 400: how many
-- `moment` is the first instant at which the event had both happened and become known.
SELECT event_id, title, kind, country, symbols, event_at, precision, known_at,
    greatest(event_at, known_at) AS moment, source
FROM events
WHERE event_at <= getvariable('as_of')
ORDER BY event_at DESC, event_id, source
LIMIT $top
