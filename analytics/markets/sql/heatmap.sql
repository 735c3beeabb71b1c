-- Price return of every instrument over its own last N sessions, as known at the clock
-- $sessions int = 21 : how many sessions of the instrument itself lie between the two closes
-- $since date = 1900-01-01 : no older row is read
-- $fresh date = 1900-01-01 : an instrument whose last session is older is left out
-- $asset_class str = : one kind of instrument, all kinds without it
-- $symbols list = : these instruments, all of them without it
-- A session without a close is not counted. Splits after the base date are taken into the base,
-- so that no return jumps at one; dividends are not. A price at or below zero has no return.
WITH recent AS (
    SELECT symbol, source, asset_class,
        arg_max(close, date, $sessions + 1) AS closes,
        max(date, $sessions + 1) FILTER (close IS NOT NULL) AS dates,
        list({'date': date, 'ratio': split_ratio} ORDER BY date)
            FILTER (split_ratio > 0 AND split_ratio <> 1) AS splits
    FROM prices
    WHERE date >= $since
        AND ($asset_class IS NULL OR asset_class = $asset_class)
        AND ($symbols IS NULL OR list_contains($symbols, symbol))
    GROUP BY symbol, source, asset_class
), ends AS MATERIALIZED (
    SELECT symbol, source, asset_class, dates[1] AS date, closes[1] AS close,
        dates[$sessions + 1] AS base_date, closes[$sessions + 1] AS base, splits
    FROM recent
    WHERE dates[1] >= $fresh
), split AS (
    SELECT symbol, source, asset_class, product(one.ratio ORDER BY one.date) AS ratio
    FROM (SELECT *, unnest(splits) AS one FROM ends WHERE splits IS NOT NULL)
    WHERE one.date > base_date AND one.date <= date
    GROUP BY symbol, source, asset_class
)
SELECT symbol, source, asset_class, date, close, base_date, base / coalesce(ratio, 1) AS base_close,
    CASE WHEN close > 0 AND base > 0 THEN close / base_close - 1 END AS return
FROM ends LEFT JOIN split USING (symbol, source, asset_class)
ORDER BY symbol, source, asset_class
