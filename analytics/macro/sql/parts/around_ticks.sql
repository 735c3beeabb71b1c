-- The trades of one instrument a minute before and after given instants
-- $symbol str : the instrument
-- $moments list : instants as text
SELECT moment,
    arg_max(price, (event_at, trade_id)) FILTER (event_at <= moment - INTERVAL 1 MINUTE) AS before,
    arg_max(price, (event_at, trade_id)) FILTER (event_at > moment) AS after,
    max(event_at) FILTER (event_at <= moment - INTERVAL 1 MINUTE) AS before_at,
    max(event_at) AS after_at
FROM (SELECT DISTINCT CAST(unnest($moments) AS TIMESTAMPTZ) AS moment)
JOIN ticks ON symbol = $symbol AND price > 0
    AND event_at > moment - INTERVAL 2 MINUTE AND event_at <= moment + INTERVAL 1 MINUTE
GROUP BY moment
ORDER BY moment
