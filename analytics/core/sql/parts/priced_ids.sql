-- Every id with a price: since when it has one, and since when an instrument describes it
-- What no instrument describes has settled at the end of time.
SELECT symbol, min(seen_at) AS begins_at,
    greatest(begins_at, coalesce(described_at, TIMESTAMPTZ '2262-04-11 00:00:00+00')) AS settled_at
FROM prices_known LEFT JOIN (
    SELECT symbol, min(seen_at) AS described_at FROM instruments_known GROUP BY symbol
) AS described USING (symbol)
GROUP BY symbol, described_at
ORDER BY begins_at, symbol
