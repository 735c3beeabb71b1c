-- The first and the last session that was known of some instruments
-- $symbols list : the instruments
SELECT min(CAST(date AS TIMESTAMPTZ)) AS first, max(known_at) AS last
FROM prices WHERE list_contains($symbols, symbol)
