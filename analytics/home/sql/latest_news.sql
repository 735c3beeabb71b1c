-- The last headlines, each in its newest account at the clock, newest first
-- $top int = 8: how many
-- $days int = 30: how far back
SELECT news_id, event_at, headline, topic, country, symbols, url, known_at, source
FROM news
WHERE event_at > getvariable('as_of') - to_days(CAST($days AS INTEGER))
ORDER BY event_at DESC, news_id, source
LIMIT $top
