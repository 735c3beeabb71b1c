-- Every account of the minutes of some instruments known at the clock, in the order they came
-- $symbols list : the instruments
-- $start datetime : first minute
-- $end datetime : minutes before it
-- $house bool = false : true where the clock is that of this lake
-- Of several venues the first by name of those known by then: what comes later changes nothing.
WITH told AS (
    SELECT symbol, event_at AS about, open, high, low, close, volume, concat(venue, source) AS source,
        CASE WHEN $house THEN greatest(known_at, ingested_at) ELSE known_at END AS known_at
    FROM bars_vintages
    WHERE list_contains($symbols, symbol) AND event_at >= $start AND event_at < $end
        AND close IS NOT NULL AND known_at <= getvariable('as_of')
        AND (NOT $house OR ingested_at <= getvariable('as_of'))
)
SELECT symbol, about, open, high, low, close, volume, NULL::DOUBLE AS split_ratio,
    NULL::VARCHAR AS asset_class, known_at
FROM told
QUALIFY source = min(source) OVER (PARTITION BY symbol, about ORDER BY known_at
    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
ORDER BY known_at, symbol, about
