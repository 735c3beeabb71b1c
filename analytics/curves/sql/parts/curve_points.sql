    -- Every value of the curves by day and tenor, in its latest vintage at the clock
    SELECT curve, tenor, months, period, value, macro.known_at, series_id
    FROM macro JOIN (
        SELECT unnest($series) AS series_id, unnest($curves) AS curve, unnest($tenors) AS tenor,
            unnest($months) AS months
    ) AS ladder USING (series_id)
    JOIN {standing of macro_known per series_id of source
        where list_contains($series, series_id) AND NOT is_forecast} AS stands
        USING (series_id, source)
    WHERE standing = 1 AND list_contains($series, series_id) AND NOT is_forecast
        AND value IS NOT NULL
