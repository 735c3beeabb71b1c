-- Where each instrument's last session opened against its close before
-- An open is money per share of its day, as is a dividend: a split or an ex-day is no gap. Rates
-- gap by a change of level.
SELECT symbol, source,
    CASE WHEN asset_class = 'rate' THEN open - before
         WHEN open > 0 AND before > 0
         THEN (open + coalesce(dividend, 0))
            * CASE WHEN split_ratio > 0 THEN split_ratio ELSE 1 END / before - 1 END AS gap
FROM (
    SELECT symbol, source, asset_class, open, dividend, split_ratio,
        lag(close) OVER every_session AS before,
        row_number() OVER (PARTITION BY symbol, source ORDER BY date DESC) AS back
    FROM prices
    WHERE date >= CAST(getvariable('as_of') AS DATE) - 90 AND close IS NOT NULL
    WINDOW every_session AS (PARTITION BY symbol, source ORDER BY date)
)
WHERE back = 1
