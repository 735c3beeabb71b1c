-- The closes on either side of given instants: the last known by then, the first known after
-- $symbol str : the instrument
-- $moments list : instants as text
-- A close counts from when its session was first known, in whatever vintage it is shown; an older
-- session that came late is no news once a newer one was known. Both closes come from the one
-- source that is shown; splits after the first are taken into it.
WITH asked AS (SELECT DISTINCT CAST(unnest($moments) AS TIMESTAMPTZ) AS moment),
stands AS {standing of prices_known per symbol of source
    where symbol = $symbol AND close IS NOT NULL},
firsts AS (
    SELECT date, source, min(known_at) AS known_at FROM prices_known
    WHERE symbol = $symbol AND close IS NOT NULL GROUP BY date, source
), sessions AS (
    SELECT date, source, close,
        product(CASE WHEN split_ratio > 0 THEN split_ratio ELSE 1 END) OVER (ORDER BY date)
            AS shares,
        min(firsts.known_at) OVER (
            ORDER BY date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS known_at
    FROM prices LEFT JOIN firsts USING (date, source) JOIN stands USING (symbol, source)
    WHERE symbol = $symbol AND standing = 1
        AND (close IS NOT NULL OR split_ratio IS NOT NULL)
), news AS (
    SELECT * FROM sessions WHERE close IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY known_at ORDER BY date DESC) = 1
), closes AS (
    SELECT *, lead(close) OVER follow AS next_close, lead(known_at) OVER follow AS next_known,
        lead(shares) OVER follow AS next_shares
    FROM news WINDOW follow AS (ORDER BY known_at)
)
SELECT moment, source, close * shares / next_shares AS before, next_close AS after,
    closes.known_at AS before_at, next_known AS after_at
FROM asked ASOF JOIN closes ON moment >= closes.known_at
WHERE next_known IS NOT NULL
ORDER BY moment
