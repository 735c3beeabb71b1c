-- The flows of a year whose sides disagree most, or which one side alone states
-- $country str : only flows from or to this country; null for all
-- $by str : amount, what lies between both sides, or gap, the relative one
-- $top int : how many
-- The other parameters are those of parts/mirrors.
{part trade_years}
{part mirrors}
SELECT *, abs(coalesce(imports_fob_usd, 0) - coalesce(exports_usd, 0)) AS amount_usd
FROM mirrors
WHERE flag IN ('gap', 'one_sided')
    AND ($country IS NULL OR seller = $country OR buyer = $country)
ORDER BY CASE WHEN $by = 'amount' THEN amount_usd ELSE abs(gap) END DESC NULLS LAST,
    seller, buyer, product
LIMIT $top
