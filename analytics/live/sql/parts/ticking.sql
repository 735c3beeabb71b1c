-- Instruments that traded within a window of arrival, the busiest first
-- $start datetime : first instant of arrival
-- $most int : so many
SELECT symbol, count(*) AS trades
FROM ticks
WHERE known_at >= $start
GROUP BY symbol
ORDER BY trades DESC, symbol
LIMIT $most
