-- When the sessions of these instruments become known, in hours after the UTC midnight they begin
-- $symbols list : the instruments
-- Only what was stamped as it happened or by a rule tells an hour; a copy of today tells none.
SELECT symbol, source,
    median(date_diff('minute', CAST(date AS TIMESTAMP),
        CAST(known_at AT TIME ZONE 'UTC' AS TIMESTAMP)) / 60.0) AS hours
FROM prices
WHERE list_contains($symbols, symbol) AND vintage_grade IN ('native', 'lagged')
    AND date >= CAST(getvariable('as_of') AS DATE) - 120
GROUP BY symbol, source
ORDER BY symbol, source
