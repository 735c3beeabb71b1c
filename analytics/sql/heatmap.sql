-- Price return of every instrument over its own last N sessions, as known at the clock
-- $sessions int = 21 : how many sessions of the instrument itself lie between the two closes
-- $since date = 1900-01-01 : no older row is read
-- $fresh date = 1900-01-01 : an instrument whose last session is older is left out
-- $asset_class str : one kind of instrument, null for all kinds
-- $symbols list : these instruments, null for all of them
-- A session without a close is not counted. Splits after the base date are taken into the base,
-- so that no return jumps at one; dividends are not. A price at or below zero has no return.
WITH recent AS (
    SELECT symbol, source, asset_class,
        arg_max(close, date, $sessions + 1) AS closes,
        max(date, $sessions + 1) FILTER (close IS NOT NULL) AS dates,
        max(date, $sessions + 1) FILTER (split_ratio > 0 AND split_ratio <> 1) AS split_dates,
        arg_max(split_ratio, date, $sessions + 1)
            FILTER (split_ratio > 0 AND split_ratio <> 1) AS ratios
    FROM prices
    WHERE date >= $since
        AND ($asset_class IS NULL OR asset_class = $asset_class)
        AND ($symbols IS NULL OR list_contains($symbols, symbol))
    GROUP BY symbol, source, asset_class
), ends AS (
    SELECT symbol, source, asset_class,
        dates[1] AS date, closes[1] AS close, dates[$sessions + 1] AS base_date,
        CASE WHEN ratios IS NULL THEN closes[$sessions + 1]
            ELSE closes[$sessions + 1] / coalesce(list_product([
                ratio FOR ratio, i IN ratios
                IF split_dates[i] > dates[$sessions + 1] AND split_dates[i] <= dates[1]]), 1)
        END AS base_close
    FROM recent
)
SELECT symbol, source, asset_class, date, close, base_date, base_close,
    CASE WHEN close > 0 AND base_close > 0 THEN close / base_close - 1 END AS return
FROM ends
WHERE date >= $fresh
ORDER BY symbol, source
