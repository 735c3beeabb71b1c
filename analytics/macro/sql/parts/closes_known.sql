-- Closes with the instant at which each was first known, and the place of its currency in a list
-- $currencies list : only prices in one of these; without it all, each at place 0
-- $since date = 1900-01-01 : first session
-- $until date = 9999-12-31 : last session
-- A close mended later was known when it first was.
WITH mended AS (
    SELECT symbol, source, date, min(known_at) AS first_known FROM prices_known
    WHERE superseded_at IS NOT NULL AND close IS NOT NULL AND date BETWEEN $since AND $until
    GROUP BY symbol, source, date
)
SELECT symbol, source, date, close, least(known_at, first_known) AS known_at,
    CAST(CASE WHEN $currencies IS NULL THEN 0
        ELSE list_position($currencies, currency) - 1 END AS INTEGER) AS place
FROM prices LEFT JOIN mended USING (symbol, source, date)
WHERE date BETWEEN $since AND $until
    AND ($currencies IS NULL OR list_contains($currencies, currency))
ORDER BY symbol, source, date
