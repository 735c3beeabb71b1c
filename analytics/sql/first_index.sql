-- The index to begin with: a broad one if its name says so, else the first by name
SELECT symbol
FROM instruments
WHERE asset_class = 'index'
ORDER BY NOT contains(lower(name), 'world'), symbol, source
LIMIT 1
