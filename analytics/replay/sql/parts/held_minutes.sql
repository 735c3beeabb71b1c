-- The first and the last minute bar that was known
SELECT min(event_at) AS first, max(event_at) AS last FROM bars
