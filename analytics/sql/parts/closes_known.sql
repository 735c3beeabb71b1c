-- Closes with the instant at which each became known, and the place of its currency in a list
-- $currencies list : only prices in one of these; without it all, each at place 0
-- $since date = 1900-01-01 : first session
-- $until date = 9999-12-31 : last session
SELECT symbol, source, date, close, known_at,
    CAST(CASE WHEN $currencies IS NULL THEN 0
        ELSE list_position($currencies, currency) - 1 END AS INTEGER) AS place
FROM prices
WHERE date BETWEEN $since AND $until
    AND ($currencies IS NULL OR list_contains($currencies, currency))
