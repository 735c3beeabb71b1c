-- The instrument that stands for a country, or for the world: a broad index before one of a sector,
-- of the two that of the country, else its largest share. An index is broad that has no sector, or
-- that is called one of the world.
-- $country str = : the country; empty for none
SELECT symbol, asset_class, country, currency
FROM {listed} AS listed
WHERE standing = 1 AND asset_class IN ('index', 'equity') AND delisted_on IS NULL
ORDER BY (asset_class = 'index') DESC,
    (asset_class = 'index' AND (sector IS NULL OR contains(lower(name), 'world'))) DESC,
    coalesce(country = $country, false) DESC, shares_outstanding DESC NULLS LAST, symbol, source
LIMIT 1
