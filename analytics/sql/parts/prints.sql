-- Every print of one series that was known at the clock, in the order it came
-- $series str : the series' id
-- $house bool = false : true where the clock is that of this lake
SELECT source, period, unit, value, is_forecast, vintage_grade, known_at
FROM macro_vintages
WHERE series_id = $series AND known_at <= getvariable('as_of')
    AND (NOT $house OR ingested_at <= getvariable('as_of'))
ORDER BY source, period, known_at
