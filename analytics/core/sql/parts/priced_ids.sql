-- Every id with a price: since when it has one, and since when an instrument describes it
-- What no instrument describes settles after the last clock there can be.
SELECT symbol, min(seen_at) AS begins_at,
    greatest(begins_at, coalesce(described_at, TIMESTAMPTZ '9999-12-31 23:59:59+00')) AS settled_at
FROM prices_known LEFT JOIN (
    SELECT symbol, min(seen_at) AS described_at FROM instruments_known GROUP BY symbol
) AS described USING (symbol)
GROUP BY symbol, described_at
ORDER BY begins_at, symbol
