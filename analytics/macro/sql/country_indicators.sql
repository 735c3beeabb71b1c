-- The latest value of every country and indicator, and how unusual its last change was
-- $dimension str : only indicators of this dimension
-- A change is the difference for what is stated in percent or may be negative, else the log ratio.
-- `z` sets it against the changes before it (36 months, 20 quarters, 15 years), at least twelve;
-- `tone` is z with the sign that a stronger economy, higher inflation or a tighter policy has.
-- Of several series of one indicator and country the one that is shown is taken.
WITH prints AS (
    SELECT series.country, indicator, series_id, source, macro_known.vintage_grade,
        macro_known.ingested_at, macro_known.known_at
    FROM macro_known JOIN series USING (series_id, source)
    WHERE NOT is_forecast AND value IS NOT NULL AND series.country IS NOT NULL
        AND ($dimension IS NULL OR dimension = $dimension)
), stands AS {standing of prints per country, indicator of series_id, source},
changes AS (
    SELECT series_id, source, country, indicator, title, unit, dimension, direction, frequency,
        period, value, before, known_at, back,
        CASE frequency WHEN 'quarterly' THEN 20 WHEN 'annual' THEN 15 ELSE 36 END AS reach,
        CASE WHEN contains(unit, 'percent') OR value <= 0 OR before <= 0 THEN value - before
            ELSE ln(value / before) END AS change
    FROM (
        SELECT macro.series_id, macro.source, series.country, series.indicator, title, macro.unit,
            dimension, frequency, period, value, macro.known_at,
            CASE WHEN dimension IN ('inflation', 'policy') THEN abs(direction) ELSE direction END
                AS direction,
            lag(value) OVER (PARTITION BY macro.series_id, macro.source ORDER BY period) AS before,
            row_number() OVER (
                PARTITION BY macro.series_id, macro.source ORDER BY period DESC) AS back
        FROM macro JOIN series USING (series_id, source)
        JOIN stands ON stands.series_id = macro.series_id AND stands.source = macro.source
            AND stands.country = series.country AND stands.indicator = series.indicator
        WHERE standing = 1 AND NOT is_forecast AND value IS NOT NULL
    )
), scored AS (
    SELECT series_id, source, country, indicator,
        min(title) AS title, min(unit) AS unit, min(dimension) AS dimension,
        min(direction) AS direction, min(frequency) AS frequency,
        max(period) FILTER (back = 1) AS period,
        max(value) FILTER (back = 1) AS value,
        max(before) FILTER (back = 1) AS before,
        max(known_at) FILTER (back = 1) AS known_at,
        max(change) FILTER (back = 1) AS change,
        avg(change ORDER BY back) FILTER (back > 1 AND back <= reach + 1) AS mean,
        stddev_samp(change ORDER BY back) FILTER (back > 1 AND back <= reach + 1) AS sd,
        count(change) FILTER (back > 1 AND back <= reach + 1) AS sample
    FROM changes
    GROUP BY series_id, source, country, indicator
)
SELECT scored.country, coalesce(countries.name, scored.country) AS name, indicator, title, unit,
    dimension, frequency, period, value, before,
    CASE WHEN sample >= 12 AND sd > 0 THEN (change - mean) / sd END AS z,
    CASE WHEN sample >= 12 AND sd > 0 AND direction <> 0 THEN direction * (change - mean) / sd
        END AS tone,
    scored.known_at, series_id, scored.source
FROM scored
LEFT JOIN (
    SELECT country, name
    FROM countries JOIN {standing of countries_known per country of source} AS told
        USING (country, source)
    WHERE standing = 1
) AS countries ON countries.country = scored.country
ORDER BY name, scored.country, indicator
