-- The last trades that had arrived, newest first
-- $start datetime : arrivals from here on
-- $symbols list : these instruments, empty for all of them
-- $count int : so many
SELECT known_at, symbol, price, size, side, event_at, trade_id, venue
FROM ticks
WHERE known_at >= $start AND (len($symbols) = 0 OR list_contains($symbols, symbol))
ORDER BY known_at DESC, symbol, trade_id DESC, venue, event_at
LIMIT $count
