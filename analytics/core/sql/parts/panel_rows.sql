-- Closes, turnover, splits and dividends of all instruments over their last sessions, per instrument
-- $sessions int = 252 : how many sessions of each
-- $since date = 1900-01-01 : no older row is read
-- $until date = 9999-12-31 : no later row is read
-- $symbols list : only these instruments
SELECT symbol, source, asset_class,
    max(date, $sessions) FILTER (close IS NOT NULL) AS dates,
    arg_max(close, date, $sessions) AS closes,
    arg_max(coalesce(close * volume, -1), date, $sessions) FILTER (close IS NOT NULL) AS turnovers,
    arg_max(currency, date) AS currency, max(known_at) AS known_at, {gathered},
    max(date, $sessions) FILTER (split_ratio > 0 AND split_ratio <> 1) AS split_dates,
    arg_max(split_ratio, date, $sessions)
        FILTER (split_ratio > 0 AND split_ratio <> 1) AS ratios,
    max(date, $sessions) FILTER (dividend > 0) AS dividend_dates,
    arg_max(dividend, date, $sessions) FILTER (dividend > 0) AS dividends
FROM prices
WHERE date BETWEEN $since AND $until AND ($symbols IS NULL OR list_contains($symbols, symbol))
GROUP BY symbol, source, asset_class
HAVING count(close) > 0
ORDER BY symbol, source, asset_class
