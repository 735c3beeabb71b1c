-- Kinds, sectors and countries of the instruments known, with how many belong to each
SELECT asset_class, sector, country, count(*) AS instruments
FROM instruments JOIN {standing of instruments_known per symbol of source} AS stands
    USING (symbol, source)
WHERE standing = 1
GROUP BY ALL
ORDER BY ALL
