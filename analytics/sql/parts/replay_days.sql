-- Every account of the sessions of some instruments known at the clock, in the order they came
-- $symbols list : the instruments, null for all
-- $asset_class str : of this kind, null for all
-- $since date : first session
-- $until date : last session
-- $house bool = false : true where the clock is that of this lake
-- Of several sources the first by name of those known by then: what comes later changes nothing.
WITH told AS (
    SELECT symbol, CAST(date AS TIMESTAMPTZ) AS about, open, high, low, close, volume, split_ratio,
        asset_class, source,
        CASE WHEN $house THEN greatest(known_at, ingested_at) ELSE known_at END AS known_at
    FROM prices_vintages
    WHERE date BETWEEN $since AND $until AND close IS NOT NULL
        AND ($symbols IS NULL OR list_contains($symbols, symbol))
        AND ($asset_class IS NULL OR asset_class = $asset_class)
        AND known_at <= getvariable('as_of')
        AND (NOT $house OR ingested_at <= getvariable('as_of'))
)
SELECT symbol, about, open, high, low, close, volume, split_ratio, asset_class, known_at
FROM told
QUALIFY source = min(source) OVER (PARTITION BY symbol, about ORDER BY known_at
    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
ORDER BY known_at, symbol, about
