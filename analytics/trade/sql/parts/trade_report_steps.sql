-- How reports of trade came to be known: of each instant the rows that came into view or went then
-- A report is a reporter's year in one source, edition of the list of goods and grade. `goods` and
-- `totals` are by how many the rows in force of goods, and of all goods together, grew; `known_first`
-- and `taken_in` are of the rows that came, null where rows only went. So the reports at a clock are
-- the sums up to it, and those at the newest clock begin with them: `begins_at` and `settled_at`.
WITH counted AS (
    SELECT reporter, year, source, coalesce(classification, '') AS classification, vintage_grade,
        seen_at,
        CASE WHEN superseded_at IS NOT NULL THEN greatest(superseded_at, seen_at) END AS gone_at,
        count(*) FILTER (product <> 'TOTAL') AS goods,
        count(*) FILTER (product = 'TOTAL') AS totals,
        min(known_at) AS known_first, min(ingested_at) AS taken_in
    FROM trade_known
    GROUP BY reporter, year, source, coalesce(classification, ''), vintage_grade, seen_at,
        superseded_at
), steps AS (
    SELECT * EXCLUDE (gone_at, seen_at), seen_at AS begins_at FROM counted
    UNION ALL BY NAME
    SELECT reporter, year, source, classification, vintage_grade, gone_at AS begins_at,
        -goods AS goods, -totals AS totals
    FROM counted WHERE gone_at IS NOT NULL
)
SELECT begins_at, begins_at AS settled_at, reporter, year, source, classification, vintage_grade,
    CAST(sum(goods) AS BIGINT) AS goods, CAST(sum(totals) AS BIGINT) AS totals,
    min(known_first) AS known_first, min(taken_in) AS taken_in
FROM steps
GROUP BY begins_at, reporter, year, source, classification, vintage_grade
ORDER BY begins_at, reporter, year, source, classification, vintage_grade
