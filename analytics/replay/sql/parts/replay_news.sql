-- Headlines that became known from an instant on, each as it was first published
-- $symbols list : the instruments looked at
-- $country str : the country looked at, null for none
-- $start datetime : known at or after this
WITH told AS (
    SELECT news_id, source, event_at, symbols, country, headline,
        greatest(event_at, seen_at) AS moment,
        (greatest(event_at, seen_at), -epoch_us(known_at)) AS since
    FROM news_known
    WHERE (list_has_any(coalesce(symbols, []), $symbols)
            OR len(coalesce(symbols, [])) = 0 AND country = $country)
)
SELECT 'headline' AS kind, arg_min(event_at, since) AS about, 'minute' AS precision,
    CASE WHEN len(arg_min(symbols, since)) = 1 THEN arg_min(symbols, since)[1] END AS symbol,
    arg_min(headline, since) AS text, NULL::DOUBLE AS value, min(moment) AS known_at
FROM told
WHERE moment <= getvariable('as_of')
GROUP BY news_id, source
HAVING min(moment) >= $start
ORDER BY known_at, text, source
