-- Closes of pairs of currencies, per pair and source
-- $pairs list : the pairs in capital letters, as EURUSD or INR=X, whatever stands before them
-- $since date : no older session is read
SELECT symbol, source, asset_class,
    list(date ORDER BY date) AS dates, list(close ORDER BY date) AS closes, {gathered}
FROM prices
WHERE date >= $since AND asset_class = 'fx' AND list_contains($pairs, upper(substr(symbol, strpos(symbol, ':') + 1)))
    AND close IS NOT NULL
GROUP BY symbol, source, asset_class
ORDER BY symbol, source, asset_class
