-- Kinds, sectors and countries of the instruments known, with how many belong to each
SELECT asset_class, sector, country, count(*) AS instruments
FROM {listed} AS listed
WHERE standing = 1
GROUP BY ALL
ORDER BY ALL
