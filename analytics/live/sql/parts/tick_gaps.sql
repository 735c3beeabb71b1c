-- Trades that a venue numbered and that had not come by the clock
-- $start datetime : arrivals from here on
-- $end datetime : arrivals before it
-- $symbols list : these instruments, empty for all of them
WITH numbered AS (
    SELECT venue, symbol, trade_id, min(known_at) AS known_at
    FROM ticks
    WHERE known_at >= $start AND known_at < $end
        AND (len($symbols) = 0 OR list_contains($symbols, symbol))
    GROUP BY ALL
), followed AS (
    SELECT *, lead(trade_id) OVER after AS next_id, lead(known_at) OVER after AS until
    FROM numbered
    WINDOW after AS (PARTITION BY venue, symbol ORDER BY trade_id)
)
SELECT venue, symbol, trade_id + 1 AS first_missing, next_id - 1 AS last_missing,
    next_id - trade_id - 1 AS missing, known_at AS since, until
FROM followed
WHERE next_id > trade_id + 1 AND next_id - trade_id < 1000000
ORDER BY since, symbol
