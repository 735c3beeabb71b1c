-- Largest moves per asset class, in units of each instrument's own volatility
-- $sessions int = 1: how many sessions of the instrument the move spans
-- $top int = 6: how many instruments per asset class
-- The move is the log total return (dividends and splits taken in), for rates the change of the
-- level. Volatility is the sd (ddof 1) of the 60 one-session moves before, at least 20 of them.
-- $worse list = : symbols that stand back where the symbol at the same place of $better is fresh
-- $better list = : see $worse
-- Moves that differ by less than a billionth of a deviation stand in the order of their names.
-- A price at or below zero has no log return and gives null; nothing older than ten days is shown.
WITH steps AS (
    SELECT symbol, source, asset_class, date, close, currency, known_at,
        lag(close) OVER (PARTITION BY symbol, source ORDER BY date) AS before,
        (close + coalesce(dividend, 0)) * CASE WHEN split_ratio > 0 THEN split_ratio ELSE 1 END
            AS held,
        count(*) OVER (PARTITION BY symbol, source ORDER BY date
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS back,
        vintage_grade, ingested_at
    FROM prices
    WHERE date >= CAST(getvariable('as_of') AS DATE) - CAST(150 + 2 * $sessions AS INTEGER)
        AND close IS NOT NULL
), moved AS (
    SELECT *,
        CASE WHEN asset_class = 'rate' THEN close - before
             WHEN close > 0 AND before > 0 THEN ln(held / before) END AS move
    FROM steps
), scored AS (
    SELECT symbol, source, asset_class, {gathered},
        max(date) FILTER (back = 1) AS date,
        max(close) FILTER (back = 1) AS close,
        max(currency) FILTER (back = 1) AS currency,
        max(moved.known_at) FILTER (back = 1) AS known_at,
        CASE WHEN count(move) FILTER (back <= $sessions) = $sessions
            THEN sum(move ORDER BY back) FILTER (back <= $sessions) END AS move,
        stddev_samp(move ORDER BY back) FILTER (back > $sessions AND back <= $sessions + 60) AS volatility,
        count(move) FILTER (back > $sessions AND back <= $sessions + 60) AS sample
    FROM moved GROUP BY 1, 2, 3
    QUALIFY row_number() OVER (PARTITION BY symbol ORDER BY {order}) = 1
), back AS (
    SELECT pair.worse AS symbol
    FROM (SELECT unnest($worse) AS worse, unnest($better) AS better) AS pair
    JOIN scored AS there ON there.symbol = pair.better
    WHERE there.date >= CAST(getvariable('as_of') AS DATE) - 10
), named AS (
    SELECT symbol, source, min(ticker) AS ticker, min(name) AS name
    FROM instruments GROUP BY 1, 2
)
SELECT asset_class, symbol, coalesce(ticker, symbol) AS ticker, name, date, close, currency,
    CASE WHEN asset_class = 'rate' THEN NULL ELSE exp(move) - 1 END AS return,
    CASE WHEN asset_class = 'rate' THEN move END AS change,
    move / (volatility * sqrt($sessions)) AS z, sample, known_at, source
FROM scored LEFT JOIN named USING (symbol, source)
WHERE symbol NOT IN (FROM back) AND sample >= 20 AND volatility > 0 AND move IS NOT NULL
    AND date >= CAST(getvariable('as_of') AS DATE) - 10
QUALIFY row_number() OVER (
    PARTITION BY asset_class ORDER BY round(abs(z), 9) DESC, symbol, source) <= $top
ORDER BY asset_class, round(abs(z), 9) DESC, symbol, source
