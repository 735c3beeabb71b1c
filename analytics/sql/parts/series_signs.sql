-- What each series speaks of, and whether more of it means stronger
-- $countries list : these countries, null for all of them
-- More inflation is more inflation, whatever it means for strength.
SELECT series_id, source, indicator, dimension, frequency,
    CASE WHEN dimension = 'inflation' THEN 1 ELSE direction END AS direction
FROM series
WHERE $countries IS NULL OR list_contains($countries, country)
