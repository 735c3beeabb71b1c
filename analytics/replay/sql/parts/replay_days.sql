-- Every account of the sessions of some instruments in view at the clock, in the order they came
-- $symbols list : the instruments, null for all
-- $asset_class str : of this kind, null for all
-- $since date : first session
-- $until date : last session
-- Of several sources the one that is shown.
SELECT symbol, CAST(date AS TIMESTAMPTZ) AS about, open, high, low, close, volume, split_ratio,
    asset_class, seen_at AS known_at
FROM prices_known
JOIN {standing of prices_known per symbol of source
    where date BETWEEN $since AND $until AND close IS NOT NULL
        AND ($symbols IS NULL OR list_contains($symbols, symbol))
        AND ($asset_class IS NULL OR asset_class = $asset_class)} AS stands
    USING (symbol, source)
WHERE standing = 1 AND date BETWEEN $since AND $until AND close IS NOT NULL
    AND ($symbols IS NULL OR list_contains($symbols, symbol))
    AND ($asset_class IS NULL OR asset_class = $asset_class)
ORDER BY seen_at, symbol, date, prices_known.known_at
