-- What each series speaks of, and with which sign it counts
-- More inflation is more inflation and a higher rate is a tighter policy, whatever a source's own
-- list made of it; 0 is no sign, and what has none counts in no index.
SELECT series_id, source, indicator, dimension, frequency,
    nullif(CASE WHEN dimension IN ('inflation', 'policy') THEN abs(direction) ELSE direction END, 0)
        AS direction
FROM series
