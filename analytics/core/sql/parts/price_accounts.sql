-- Every account of the sessions of all instruments between two days, by instrument and day; of one
-- session the earlier account first, in view from `seen_at` until `superseded_at`
-- $since date : the first day
-- $until date : the last day
-- $symbols list : only these instruments
SELECT symbol, source, asset_class, date, close, coalesce(close * volume, -1) AS turnover,
    currency, split_ratio AS split, coalesce(split_ratio > 0 AND split_ratio <> 1, false) AS has_split,
    dividend, coalesce(dividend > 0, false) AS has_dividend,
    known_at, ingested_at, {grade} AS grade, seen_at, superseded_at
FROM prices_known
WHERE date BETWEEN $since AND $until AND ($symbols IS NULL OR list_contains($symbols, symbol))
ORDER BY symbol, source, asset_class, date, known_at
