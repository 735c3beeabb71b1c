-- The quarterly series of a country that speaks for its growth, the first that the list names
-- $country str : the country
-- $indicators list : names of indicators, the preferred first
SELECT series_id, source, unit, title
FROM series
WHERE country = $country AND frequency = 'quarterly' AND list_contains($indicators, indicator)
ORDER BY list_position($indicators, indicator), series_id, source
LIMIT 1
