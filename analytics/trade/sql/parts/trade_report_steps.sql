-- How reports of trade became known: of each instant the rows that were published or superseded then
-- A report is a reporter's year in one source, edition of the list of goods and grade. `goods` and
-- `totals` are by how many the rows in force of goods, and of all goods together, grew, and
-- `export_2` and the like those of exports by partner of codes of up to two digits; `known_first`
-- and `taken_in` are of the published rows, null where rows were only superseded. So the reports at
-- a clock are the sums up to it, and those at the newest clock begin with them: `begins_at` and
-- `settled_at`.
WITH counted AS (
    SELECT reporter, year, source, coalesce(classification, '') AS classification, vintage_grade,
        seen_at,
        CASE WHEN superseded_at IS NOT NULL THEN greatest(superseded_at, seen_at) END AS gone_at,
        count(*) FILTER (product <> 'TOTAL') AS goods,
        count(*) FILTER (product = 'TOTAL') AS totals,
        count(*) FILTER (is_named AND flow = 'export' AND level = 0) AS export_0,
        count(*) FILTER (is_named AND flow = 'export' AND level = 2) AS export_2,
        count(*) FILTER (is_named AND flow = 'export' AND level = 4) AS export_4,
        count(*) FILTER (is_named AND flow = 'export' AND level = 6) AS export_6,
        count(*) FILTER (is_named AND flow = 'import' AND level = 0) AS import_0,
        count(*) FILTER (is_named AND flow = 'import' AND level = 2) AS import_2,
        count(*) FILTER (is_named AND flow = 'import' AND level = 4) AS import_4,
        count(*) FILTER (is_named AND flow = 'import' AND level = 6) AS import_6,
        min(known_at) AS known_first, min(ingested_at) AS taken_in
    FROM (
        SELECT *, partner NOT IN ('WLD', 'W00', '0') AS is_named,
            CASE WHEN product = 'TOTAL' THEN 0 WHEN length(product) <= 2 THEN 2
                WHEN length(product) <= 4 THEN 4 ELSE 6 END AS level
        FROM trade_known
    )
    GROUP BY reporter, year, source, coalesce(classification, ''), vintage_grade, seen_at,
        superseded_at
), steps AS (
    SELECT * EXCLUDE (gone_at, seen_at), seen_at AS begins_at FROM counted
    UNION ALL BY NAME
    SELECT reporter, year, source, classification, vintage_grade, gone_at AS begins_at,
        -goods AS goods, -totals AS totals,
        -export_0 AS export_0, -export_2 AS export_2, -export_4 AS export_4, -export_6 AS export_6,
        -import_0 AS import_0, -import_2 AS import_2, -import_4 AS import_4, -import_6 AS import_6
    FROM counted WHERE gone_at IS NOT NULL
)
SELECT begins_at, begins_at AS settled_at, reporter, year, source, classification, vintage_grade,
    CAST(sum(goods) AS BIGINT) AS goods, CAST(sum(totals) AS BIGINT) AS totals,
    CAST(sum(export_0) AS BIGINT) AS export_0,
    CAST(sum(export_2) AS BIGINT) AS export_2,
    CAST(sum(export_4) AS BIGINT) AS export_4,
    CAST(sum(export_6) AS BIGINT) AS export_6,
    CAST(sum(import_0) AS BIGINT) AS import_0,
    CAST(sum(import_2) AS BIGINT) AS import_2,
    CAST(sum(import_4) AS BIGINT) AS import_4,
    CAST(sum(import_6) AS BIGINT) AS import_6,
    min(known_first) AS known_first, min(taken_in) AS taken_in
FROM steps
GROUP BY begins_at, reporter, year, source, classification, vintage_grade
ORDER BY begins_at, reporter, year, source, classification, vintage_grade
