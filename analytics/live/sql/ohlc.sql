-- Trades to bars of whole minutes, as received by the clock
-- $minutes int = 1 : length of a bar
-- $start datetime : first instant of trades, at the venue
-- $end datetime : trades before it, at the venue
-- $symbols list : these instruments, null for all of them
-- First and last follow the venue's own time and, within one microsecond, its own sequence.
WITH trades AS (
    SELECT venue, symbol, price, size, epoch_us(event_at) // ($minutes * 60000000) AS bar,
        (CAST(epoch_us(event_at) AS HUGEINT) << 64) + trade_id AS position
    FROM ticks
    WHERE event_at >= $start AND event_at < $end
        AND ($symbols IS NULL OR list_contains($symbols, symbol))
)
SELECT venue, symbol,
    CAST(make_timestamp(bar * $minutes * 60000000) AS TIMESTAMPTZ) AS bar_at,
    arg_min(price, position) AS open, max(price) AS high, min(price) AS low,
    arg_max(price, position) AS close, sum(size ORDER BY position, size) AS volume, count(*) AS trades
FROM trades
GROUP BY venue, symbol, bar
ORDER BY venue, symbol, bar
