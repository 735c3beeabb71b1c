-- The last trade of each of some instruments that had arrived before an instant
-- $symbols list : these instruments
-- $since datetime : none older than this
-- $start datetime : arrivals before it
SELECT known_at, symbol, event_at, trade_id, price, size, side, venue
FROM ticks
WHERE known_at >= $since AND known_at < $start AND list_contains($symbols, symbol)
QUALIFY row_number() OVER (
    PARTITION BY symbol ORDER BY event_at DESC, known_at DESC, trade_id DESC, venue) = 1
ORDER BY symbol
