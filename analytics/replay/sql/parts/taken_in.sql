-- By when this lake had taken in all trades that had arrived until an instant
-- $symbols list : these instruments
-- $start datetime : first instant of arrival
-- $end datetime : arrivals before it
SELECT known_at, max(ingested_at) OVER (ORDER BY known_at) AS taken_at
FROM (
    SELECT known_at, max(ingested_at) AS ingested_at
    FROM ticks
    WHERE known_at >= $start AND known_at < $end AND list_contains($symbols, symbol)
    GROUP BY known_at
)
ORDER BY known_at
