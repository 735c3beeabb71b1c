-- What happened to one instrument and around it, newest first
-- $symbol str : the instrument's id
-- $country str : its country, whose decisions count as around it
-- $since date = 1900-01-01 : nothing older
-- What concerns other instruments alone is left out, but for a crash.
-- $top int = 200 : how many
SELECT event_at, relation, kind, title, magnitude, url, known_at, source
FROM (
    SELECT event_at, kind, title, magnitude, url, known_at, source,
        CASE WHEN list_contains(symbols, $symbol) THEN 'own'
            WHEN kind NOT IN ('crash', 'flash_crash') AND len(symbols) > 0 THEN NULL
            WHEN country IS NULL THEN 'world'
            WHEN country = $country THEN 'country' END AS relation
    FROM events
    UNION ALL
    SELECT event_at, 'headline', headline, NULL, url, known_at, source, 'own'
    FROM news
    WHERE list_contains(symbols, $symbol)
)
WHERE relation IS NOT NULL AND event_at <= getvariable('as_of') AND event_at >= $since
ORDER BY event_at DESC, kind, title, source, relation, url, known_at
LIMIT $top
