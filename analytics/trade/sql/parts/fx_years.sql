-- The geometric mean of each exchange rate over the sessions of each year, and how many they are
-- Its inverse is the mean of the inverse, and the product of two the mean of the cross rate.
SELECT symbol, year(date) AS year, exp(avg(ln(close) ORDER BY date)) AS mean,
    count(*) AS sessions, max(prices.known_at) AS known_at
FROM prices
JOIN {standing of prices_known per symbol of source
    where asset_class = 'fx' AND close > 0} AS stands USING (symbol, source)
WHERE standing = 1 AND asset_class = 'fx' AND close > 0
GROUP BY symbol, year(date)
ORDER BY symbol, year
