-- The last close of each commodity, and the last one that is at least a year older
-- $fresh int = 30 : how many days before the clock the last session may lie
WITH shown AS (
    SELECT symbol, source, date, close
    FROM prices
    JOIN {standing of prices_known per symbol of source
        where asset_class = 'commodity' AND close > 0} AS stands USING (symbol, source)
    WHERE standing = 1 AND asset_class = 'commodity' AND close > 0
), last AS (
    SELECT symbol, max(date) AS date, arg_max(close, date) AS close FROM shown GROUP BY symbol
), before AS (
    SELECT shown.symbol, max(shown.date) AS date, arg_max(shown.close, shown.date) AS close
    FROM shown JOIN last ON last.symbol = shown.symbol
    WHERE shown.date <= last.date - CAST(365 AS INTEGER)
    GROUP BY shown.symbol
), families AS (
    SELECT symbol, sector
    FROM instruments JOIN {standing of instruments_known per symbol of source} AS named
        USING (symbol, source)
    WHERE standing = 1 AND asset_class = 'commodity'
)
SELECT symbol, sector, last.date, last.close, before.date AS before_date, before.close AS before
FROM last JOIN before USING (symbol) JOIN families USING (symbol)
WHERE last.date >= CAST(getvariable('as_of') AS DATE) - CAST($fresh AS INTEGER)
    AND before.date >= last.date - CAST(400 AS INTEGER)
ORDER BY symbol
