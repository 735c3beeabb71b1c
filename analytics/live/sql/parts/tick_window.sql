-- Trades of some instruments that arrived within a window
-- $symbols list : these instruments
-- $start datetime : first instant of arrival
-- $end datetime : arrivals before it
SELECT known_at, symbol, event_at, trade_id, price, size, side, venue
FROM ticks
WHERE known_at >= $start AND known_at < $end AND list_contains($symbols, symbol)
