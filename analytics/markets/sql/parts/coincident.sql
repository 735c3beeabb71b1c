-- What happened to each of these instruments within its span: the nearest to it, then the newest
-- What came after its last close was known is no part of the span, if of the same day.
-- $symbols list : the instruments
-- $countries list : the country of each, or empty
-- $since list : the first day of each span
-- $until list : its last day
-- $closed list : when its last close was known
-- Its own event or headline comes before an event or an important release of its country, and that
-- before the world's.
WITH asked AS (
    SELECT CAST(unnest($symbols) AS VARCHAR) AS symbol, CAST(unnest($countries) AS VARCHAR) AS country,
        CAST(unnest($since) AS DATE) AS since, CAST(unnest($until) AS DATE) AS until,
        CAST(unnest($closed) AS TIMESTAMPTZ) AS closed
), happened AS (
    SELECT event_at, precision, kind, title, magnitude, symbols, country, known_at, source
    FROM events WHERE event_at <= getvariable('as_of')
    UNION ALL
    SELECT scheduled_at, precision, 'release', title, NULL, NULL, country, known_at, source
    FROM releases
    WHERE scheduled_at <= getvariable('as_of') AND importance = 3
        AND (status = 'released' OR actual IS NOT NULL) AND precision <> 'month'
    UNION ALL
    SELECT event_at, 'minute', 'headline', headline, NULL, symbols, country, known_at, source
    FROM news WHERE event_at <= getvariable('as_of')
), near AS (
    SELECT asked.symbol, happened.* EXCLUDE (symbols, country),
        CASE WHEN list_contains(symbols, asked.symbol) THEN 1
            WHEN len(coalesce(symbols, [])) > 0 THEN NULL
            WHEN happened.kind = 'headline' THEN NULL
            WHEN happened.country IS NULL THEN CASE WHEN happened.kind <> 'release' THEN 3 END
            WHEN happened.country = asked.country THEN 2 END AS distance
    FROM asked JOIN happened
        ON CAST(event_at AT TIME ZONE 'UTC' AS DATE) BETWEEN asked.since AND asked.until
        AND event_at <= closed
)
SELECT symbol, event_at, precision, kind, title, distance, known_at AS event_known_at, source AS event_source
FROM near
WHERE distance IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY symbol
    ORDER BY distance, kind = 'headline', event_at DESC, title) = 1
ORDER BY symbol
