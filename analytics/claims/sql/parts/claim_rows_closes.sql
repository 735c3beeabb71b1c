-- Every vintage of some instruments' sessions in view at the clock, as far as verdicts rest on them
-- $symbols list : the instruments
SELECT symbol AS id, date AS first, close AS value, concat_ws(' ', asset_class, currency) AS unit,
    source, known_at, vintage_grade, ingested_at, seen_at, nullif(split_ratio, 1) AS split
FROM prices_known
WHERE list_contains($symbols, symbol)
