-- The closes on either side of given instants: the last known by then, the first known after
-- $symbol str : the instrument
-- $moments list : instants as text
-- Both closes come from one source; splits after the first are taken into it.
WITH asked AS (SELECT DISTINCT CAST(unnest($moments) AS TIMESTAMPTZ) AS moment),
closes AS (
    SELECT source, date, close, known_at, coalesce(split_ratio, 1) AS ratio,
        lead(close) OVER follow AS next_close, lead(known_at) OVER follow AS next_known,
        lead(coalesce(split_ratio, 1)) OVER follow AS next_ratio
    FROM prices WHERE symbol = $symbol AND close IS NOT NULL
    WINDOW follow AS (PARTITION BY source ORDER BY date)
)
SELECT moment, source, close / next_ratio AS before, next_close AS after,
    closes.known_at AS before_at, next_known AS after_at
FROM asked ASOF JOIN closes ON moment >= closes.known_at
WHERE next_known IS NOT NULL
ORDER BY moment, source
