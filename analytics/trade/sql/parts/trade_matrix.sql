-- What each country sold, or bought, of each product in a year: the World it states, else the sum
-- The parameters are those of parts/trade_rows.
-- Sums are of decimal numbers, so that they do not depend on the order of rows.
{part trade_years}
{part trade_rows}
SELECT reporter, product, value, edition
FROM (
    SELECT reporter, product, min(edition) AS edition,
        coalesce(
            max(value_usd) FILTER (kind = 'world'),
            CAST(sum(CAST(value_usd AS DECIMAL(30, 2))) FILTER (kind NOT IN ('world', 'group'))
                AS DOUBLE)
        ) AS value
    FROM trade_rows
    WHERE NOT is_unspecified_product
        AND NOT is_group
    GROUP BY reporter, product
)
WHERE value > 0
ORDER BY reporter, product
