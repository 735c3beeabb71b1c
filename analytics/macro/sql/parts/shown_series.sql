-- Of each country and indicator the series that is shown, as it is described
-- $indicators list : these, null for all of them
-- One that has only forecasts is none.
SELECT series_id, source, country, indicator, title, frequency, dimension
FROM series JOIN (
    SELECT series_id, source, {gathered}
    FROM macro_known WHERE NOT is_forecast AND value IS NOT NULL
    GROUP BY series_id, source
) AS stood USING (series_id, source)
WHERE country IS NOT NULL AND ($indicators IS NULL OR list_contains($indicators, indicator))
QUALIFY row_number() OVER (PARTITION BY country, indicator ORDER BY {order}, series_id) = 1
