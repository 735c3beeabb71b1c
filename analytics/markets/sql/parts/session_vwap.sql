-- Volume-weighted average price of each session of one instrument, from its minute bars
-- $symbol str : the instrument's id
-- $since date = 1900-01-01 : first session
-- A minute counts with the mean of its high, low and close. Of several venues and sources the one
-- that is shown.
SELECT date, sum(volume * (high + low + close) / 3 ORDER BY event_at) / sum(volume ORDER BY event_at)
    AS vwap, max(known_at) AS vwap_known_at
FROM bars
JOIN {standing of bars_known per symbol of source, venue
    where symbol = $symbol AND date >= $since AND close IS NOT NULL} AS stands
    USING (symbol, source, venue)
WHERE symbol = $symbol AND date >= $since AND standing = 1
    AND volume > 0 AND high IS NOT NULL AND low IS NOT NULL AND close IS NOT NULL
GROUP BY date
ORDER BY date
