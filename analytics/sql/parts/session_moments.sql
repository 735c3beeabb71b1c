-- When the close of each session of an instrument was first known
-- $symbol str : the instrument
SELECT date, min(known_at) AS known_at
FROM prices
WHERE symbol = $symbol AND close IS NOT NULL
GROUP BY date
ORDER BY date
