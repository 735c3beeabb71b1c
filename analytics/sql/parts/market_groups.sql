-- Kinds, sectors and countries of the instruments known, with how many belong to each
SELECT asset_class, sector, country, count(*) AS instruments
FROM instruments
GROUP BY ALL
ORDER BY ALL
