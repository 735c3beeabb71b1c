-- What happened to each of these instruments within its span: the nearest to it, then the newest
-- The span begins behind the base close and ends with the last one, each when it was first known. A
-- base close that became known on a later day has ended with its own day all the same.
-- $symbols list : the instruments
-- $sources list : the source of each
-- $countries list : the country of each, or empty
-- $since list : the day of each base close
-- $until list : that of the last one
-- Its own event or headline comes before an event or an important release of its country, and that
-- before the world's.
WITH asked AS (
    SELECT CAST(unnest($symbols) AS VARCHAR) AS symbol, CAST(unnest($sources) AS VARCHAR) AS source,
        CAST(unnest($countries) AS VARCHAR) AS country,
        CAST(unnest($since) AS DATE) AS since, CAST(unnest($until) AS DATE) AS until
), spans AS (
    SELECT symbol, asked.country, until, least(min(known_at) FILTER (date = since),
            (since + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND) AT TIME ZONE 'UTC') AS base_closed,
        min(known_at) FILTER (date = until) AS closed
    FROM asked JOIN prices_known USING (symbol, source)
    WHERE date IN (since, until) AND close IS NOT NULL
    GROUP BY symbol, source, asked.country, since, until
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
    SELECT spans.symbol, happened.* EXCLUDE (symbols, country),
        CASE WHEN list_contains(symbols, spans.symbol) THEN 1
            WHEN len(coalesce(symbols, [])) > 0 THEN NULL
            WHEN happened.kind = 'headline' THEN NULL
            WHEN happened.country IS NULL THEN CASE WHEN happened.kind <> 'release' THEN 3 END
            WHEN happened.country = spans.country THEN 2 END AS distance
    FROM spans JOIN happened
        ON event_at > base_closed AND event_at <= closed
        AND CAST(event_at AT TIME ZONE 'UTC' AS DATE) <= until
)
SELECT symbol, event_at, precision, kind, title, distance, known_at AS event_known_at, source AS event_source
FROM near
WHERE distance IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY symbol
    ORDER BY distance, kind = 'headline', event_at DESC, title) = 1
ORDER BY symbol
