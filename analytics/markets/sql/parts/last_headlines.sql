-- The newest headline that names each of these instruments
-- $symbols list : the instruments
-- $since date : none before this day
WITH named AS (
    SELECT unnest(symbols) AS symbol, event_at, headline, source
    FROM news
    WHERE event_at <= getvariable('as_of') AND event_at >= $since
)
SELECT symbol, headline, event_at AS headline_at
FROM named
WHERE list_contains($symbols, symbol)
QUALIFY row_number() OVER (PARTITION BY symbol ORDER BY event_at DESC, headline, source) = 1
ORDER BY symbol
