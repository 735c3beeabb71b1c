-- Events of one kind that had happened and were known at the clock
-- $kind str : the kind
-- $country str : only of this country, null for all
-- $side int = 0 : 1 for those of a magnitude above nought, -1 for those below, 0 for all
-- `moment` is the first instant at which the event had both happened and become known.
SELECT event_id AS event, title, greatest(event_at, known_at) AS moment
FROM events
WHERE kind = $kind AND event_at <= getvariable('as_of')
    AND ($country IS NULL OR country = $country)
    AND ($side = 0 OR sign(magnitude) = $side)
ORDER BY moment, event_id
