-- Every vintage of some series in view at the clock, with all that a verdict can rest on
-- $series list : ids of series
SELECT series_id AS id, period AS first, value, unit, is_forecast, source, known_at, vintage_grade,
    ingested_at, seen_at, NULL AS split
FROM macro_known
WHERE list_contains($series, series_id)
