-- Dividends and splits of shares by ex-date, and what was announced of them for days to come
-- $symbols list : the shares
-- Of several sources the one whose prices are shown.
WITH acted AS MATERIALIZED (
    SELECT symbol, date, dividend, split_ratio, currency, known_at, source
    FROM prices
    JOIN {standing of prices_known per symbol of source
        where list_contains($symbols, symbol) AND close IS NOT NULL} AS stands USING (symbol, source)
    WHERE standing = 1 AND list_contains($symbols, symbol)
        AND (dividend > 0 OR (split_ratio > 0 AND split_ratio <> 1))
)
SELECT 'dividend' AS kind, symbol, date, dividend AS amount, currency, known_at, source
FROM acted WHERE dividend > 0
UNION ALL
SELECT 'split', symbol, date, split_ratio, NULL, known_at, source
FROM acted WHERE split_ratio > 0 AND split_ratio <> 1
UNION ALL
SELECT kind, symbol, event_at::DATE, magnitude, NULL, known_at, source
FROM (SELECT *, unnest(symbols) AS symbol FROM events
    WHERE kind IN ('dividend', 'split', 'delisting') AND event_at > getvariable('as_of'))
WHERE list_contains($symbols, symbol)
ORDER BY date, kind, symbol, source
