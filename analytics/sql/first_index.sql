-- The index to begin with: a broad one if its name says so, else the first by name
SELECT symbol
FROM instruments JOIN {standing of instruments_known per symbol of source} AS stands
    USING (symbol, source)
WHERE standing = 1 AND asset_class = 'index'
ORDER BY NOT contains(lower(name), 'world'), symbol
LIMIT 1
