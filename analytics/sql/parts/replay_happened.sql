-- Events, headlines and first prints of releases that became known within a window
-- $symbols list : the instruments looked at
-- $country str : the country looked at, null for none
-- $start datetime : known at or after this
-- $importance int = 2 : releases of at least this importance
-- $house bool = false : true where the clock is that of this lake
-- An event counts from the moment it had both happened and become known, in its first account.
WITH told AS (
    SELECT 'event' AS kind, event_id AS id, source, event_at AS about, precision,
        CASE WHEN len(symbols) = 1 THEN symbols[1] END AS symbol, country, kind AS topic,
        title AS text, NULL::DOUBLE AS value, NULL::DOUBLE AS expected, NULL AS unit,
        greatest(event_at, known_at, CASE WHEN $house THEN ingested_at ELSE known_at END) AS known_at
    FROM events_vintages
    WHERE known_at <= getvariable('as_of') AND (NOT $house OR ingested_at <= getvariable('as_of'))
        AND (list_has_any(coalesce(symbols, []), $symbols) OR kind IN ('crash', 'flash_crash')
            OR len(coalesce(symbols, [])) = 0 AND coalesce(country = $country, country IS NULL))
    UNION ALL
    SELECT 'headline', news_id, source, event_at, 'minute',
        CASE WHEN len(symbols) = 1 THEN symbols[1] END, country, topic, headline, NULL, NULL, NULL,
        greatest(event_at, known_at, CASE WHEN $house THEN ingested_at ELSE known_at END)
    FROM news_vintages
    WHERE known_at <= getvariable('as_of') AND (NOT $house OR ingested_at <= getvariable('as_of'))
        AND (list_has_any(coalesce(symbols, []), $symbols)
            OR len(coalesce(symbols, [])) = 0 AND country = $country)
    UNION ALL
    SELECT 'release', series_id || ' ' || period, source, scheduled_at, precision, NULL, country,
        series_id, title, actual, consensus, unit,
        greatest(known_at, CASE WHEN $house THEN ingested_at ELSE known_at END)
    FROM releases_vintages
    WHERE known_at <= getvariable('as_of') AND (NOT $house OR ingested_at <= getvariable('as_of'))
        AND actual IS NOT NULL AND country = $country AND importance >= $importance
)
SELECT kind, id, source, arg_min(about, known_at) AS about, arg_min(precision, known_at) AS precision,
    arg_min(symbol, known_at) AS symbol, arg_min(country, known_at) AS country,
    arg_min(topic, known_at) AS topic, arg_min(text, known_at) AS text,
    arg_min(value, known_at) AS value, arg_min(expected, known_at) AS expected,
    arg_min(unit, known_at) AS unit, min(known_at) AS known_at
FROM told
WHERE known_at <= getvariable('as_of')
GROUP BY kind, id, source
HAVING min(known_at) >= $start
ORDER BY known_at, kind, id, source
