-- The last value of indicators in every country, its change, and its place in its past and among peers
-- $indicators list : these, null for all of them
-- $yearly bool = false : the change on the year instead of the value
-- Of several series of one indicator and country the one that is shown is taken.
WITH stands AS (
{part shown_series}
), known AS (
    SELECT series_id, source, unit, period, value, known_at, vintage_grade
    FROM macro SEMI JOIN stands USING (series_id, source)
    WHERE NOT is_forecast AND value IS NOT NULL
), measured AS (
    SELECT series_id, source, unit, period, value, known_at, vintage_grade
    FROM known WHERE NOT $yearly
    UNION ALL
    SELECT known.series_id, known.source, known.unit, known.period,
        CASE WHEN contains(known.unit, 'percent') THEN known.value - before.value
            WHEN known.value > 0 AND before.value > 0 THEN 100 * (known.value / before.value - 1)
        END AS value, known.known_at, known.vintage_grade
    FROM known JOIN known AS before
        ON before.series_id = known.series_id AND before.source = known.source
        AND before.unit = known.unit
        AND before.period = CAST(known.period - INTERVAL 1 YEAR AS DATE)
    WHERE $yearly
), latest AS (
    SELECT series_id, source, arg_max(unit, period) AS unit, max(period) AS period,
        arg_max(value, period) AS value, arg_max(known_at, period) AS known_at,
        arg_max(vintage_grade, period) AS vintage_grade, count(*) AS periods,
        list(value ORDER BY period) AS past
    FROM measured WHERE value IS NOT NULL
    GROUP BY series_id, source
), placed AS (
    SELECT *, value - past[-2] AS change, past[-40:] AS path,
        (len(list_filter(past, lambda v: v < value))
            + 0.5 * len(list_filter(past, lambda v: v = value))) / len(past) AS in_past,
        count(*) OVER same AS peers,
        CASE WHEN min(unit) OVER same = max(unit) OVER same
                AND NOT (contains(unit, 'national currency') AND NOT $yearly)
            THEN (rank() OVER (same ORDER BY value) - 1
                + 0.5 * count(*) OVER (PARTITION BY indicator, value)) / count(*) OVER same
        END AS among_peers
    FROM latest JOIN stands USING (series_id, source)
    WINDOW same AS (PARTITION BY indicator)
)
SELECT placed.country, coalesce(nation.name, placed.country) AS name, iso_numeric, region,
    population, indicator, title, frequency, dimension, unit, period, value, change, path, in_past,
    periods, peers, among_peers, placed.known_at, vintage_grade, series_id, placed.source
FROM placed
LEFT JOIN (
    SELECT country, name, iso_numeric, region, population
    FROM countries JOIN {standing of countries_known per country of source} AS told
        USING (country, source)
    WHERE standing = 1
) AS nation ON nation.country = placed.country
ORDER BY indicator, value DESC, placed.country
