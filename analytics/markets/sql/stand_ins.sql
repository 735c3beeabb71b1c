-- The instruments that stand for a country, and for the world under an empty name: a broad index
-- before one of a sector, of the two that of the country, else the largest share. An index is broad
-- that has no sector, or that is called one of the world. A country that has none so broad is left
-- out: the world's stands for it.
WITH ranked AS (
    SELECT symbol, asset_class, country, currency, asset_class = 'index' AS is_index,
        asset_class = 'index' AND (sector IS NULL OR contains(lower(name), 'world')) AS is_broad,
        row_number() OVER (ORDER BY is_index DESC, is_broad DESC,
            shares_outstanding DESC NULLS LAST, symbol, source) AS place
    FROM {listed} AS listed
    WHERE standing = 1 AND asset_class IN ('index', 'equity') AND delisted_on IS NULL
), own AS (
    SELECT * FROM ranked WHERE country IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY country ORDER BY place) = 1
)
SELECT '' AS stands_for, symbol, asset_class, country, currency FROM ranked WHERE place = 1
UNION ALL
SELECT own.country, own.symbol, own.asset_class, own.country, own.currency
FROM own JOIN ranked AS world ON world.place = 1 AND world.is_index = own.is_index
    AND world.is_broad IS NOT DISTINCT FROM own.is_broad
ORDER BY stands_for
