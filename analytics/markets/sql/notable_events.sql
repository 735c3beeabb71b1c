-- The newest events of every kind that had happened and were known, newest first
-- $each int = 120 : how many of a kind
SELECT event_id, title, kind, country, symbols, event_at, precision, source,
    greatest(event_at, known_at) AS moment
FROM events
WHERE event_at <= getvariable('as_of')
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY event_at DESC, event_id, source) <= $each
ORDER BY event_at DESC, event_id, source
