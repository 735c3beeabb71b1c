-- How some series are described, every vintage in view at the clock
-- $series list : ids of series
SELECT series_id AS id, source, title, unit, country, frequency, seen_at
FROM series_known
WHERE list_contains($series, series_id)
