-- The first and the last trade that had arrived
SELECT min(known_at) AS first, max(known_at) AS last FROM ticks
