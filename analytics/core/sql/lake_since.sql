-- What became known after a moment, by dataset, up to the clock
-- $moment datetime: for instance the last visit
WITH known AS (
    {each dataset: SELECT '<name>' AS dataset, known_at FROM <name>}
)
SELECT dataset, count(*) AS rows, max(known_at) AS newest
FROM known WHERE known_at > $moment
GROUP BY dataset ORDER BY rows DESC, dataset
