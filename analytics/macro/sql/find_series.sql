-- Series that a word means: its id, its indicator and country, or part of its title
-- $word str : what was typed
-- $top int = 12 : how many
SELECT series_id, source, title, indicator, country, frequency, unit, adjustment, dimension,
    direction, vintage_grade,
    CASE WHEN series_id = $word THEN 0
        WHEN lower(concat_ws(' ', country, indicator)) = lower($word)
            OR lower(concat_ws(' ', indicator, country)) = lower($word) THEN 1
        WHEN lower(title) = lower($word) THEN 2
        WHEN starts_with(lower(title), lower($word)) THEN 3 ELSE 4 END AS rank
FROM series JOIN {standing of series_known per series_id of source} AS stands
    USING (series_id, source)
WHERE series_id = $word
    OR lower(concat_ws(' ', country, indicator)) = lower($word)
    OR lower(concat_ws(' ', indicator, country)) = lower($word)
    OR len(list_filter(string_split(lower($word), ' '),
        lambda part: NOT contains(lower(concat_ws(' ', series_id, title, country)), part))) = 0
ORDER BY rank, series_id, standing
LIMIT $top
