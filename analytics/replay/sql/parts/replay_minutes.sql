-- Every account of the minutes of some instruments in view at the clock, in the order they came
-- $symbols list : the instruments
-- $start datetime : first minute
-- $end datetime : minutes before it
-- Of several venues and sources the one that is shown.
SELECT symbol, event_at AS about, open, high, low, close, volume, NULL::DOUBLE AS split_ratio,
    NULL::VARCHAR AS asset_class, seen_at AS known_at
FROM bars_known
JOIN {standing of bars_known per symbol of source, venue
    where list_contains($symbols, symbol) AND event_at >= $start AND event_at < $end
        AND close IS NOT NULL} AS stands USING (symbol, source, venue)
WHERE standing = 1 AND list_contains($symbols, symbol) AND event_at >= $start AND event_at < $end
    AND close IS NOT NULL
ORDER BY seen_at, symbol, event_at, bars_known.known_at
