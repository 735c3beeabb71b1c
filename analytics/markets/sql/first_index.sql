-- The index to begin with: a broad one if its name says so, else the first by name
SELECT symbol
FROM {listed} AS listed
WHERE standing = 1 AND asset_class = 'index'
ORDER BY NOT contains(lower(name), 'world'), symbol
LIMIT 1
