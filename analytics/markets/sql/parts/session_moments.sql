-- When each session's close was first known, and until which newer one was known it counted
-- $symbol str : the instrument
-- A close mended later was known when it first was. `known_at` never falls from one session to the
-- next: an older session that came late is no news once a newer one was known.
WITH stands AS {standing of prices_known per symbol of source
    where symbol = $symbol AND close IS NOT NULL},
firsts AS (
    SELECT date, source, min(known_at) AS known_at FROM prices_known
    WHERE symbol = $symbol AND close IS NOT NULL GROUP BY date, source
)
SELECT date, min(known_at) OVER (
    ORDER BY date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS known_at
FROM firsts JOIN stands USING (source)
WHERE standing = 1
ORDER BY date
