-- Every print known at the clock of a country's monthly series of some indicators
-- $country str : the country
-- $indicators list : names of indicators
-- $house bool = false : true where the clock is that of this lake
-- What is only known as it is today says nothing of the past and is left out.
SELECT indicator, macro_vintages.series_id, macro_vintages.source, period, macro_vintages.unit,
    value, macro_vintages.known_at
FROM macro_vintages
JOIN (SELECT series_id, source, indicator FROM series
      WHERE country = $country AND frequency = 'monthly'
          AND list_contains($indicators, indicator)) USING (series_id, source)
WHERE NOT is_forecast AND macro_vintages.vintage_grade <> 'current'
    AND macro_vintages.known_at <= getvariable('as_of')
    AND (NOT $house OR macro_vintages.ingested_at <= getvariable('as_of'))
ORDER BY indicator, macro_vintages.series_id, macro_vintages.source, macro_vintages.known_at, period
