-- Events of one kind that had happened and were known at the clock
-- $kind str : the kind
-- $country str : only of this country, null for all
-- `moment` is the first instant at which the event had both happened and become known.
SELECT event_id AS event, title, greatest(event_at, known_at) AS moment
FROM events
WHERE kind = $kind AND event_at <= getvariable('as_of')
    AND ($country IS NULL OR country = $country)
ORDER BY moment, event_id
