-- What is filed of single months, and what is taken of each report, as parts of a query that goes on with parts/trade_rows
-- $month int : this month of every year; null for all
-- Of each report, a reporter's month, one source and one edition of the list of goods are taken: the
-- Harmonised System before others, of several editions the one with most rows, then the newest.
-- A source that states the total in that edition is believed there; else any total of it is taken.
WITH filed AS (
    SELECT *, month(period) AS month FROM trade_months
    WHERE $month IS NULL OR month(period) = $month
), filed_known AS (
    SELECT *, month(period) AS month FROM trade_months_known
    WHERE $month IS NULL OR month(period) = $month
), editions AS (
    SELECT reporter, year, month, source, coalesce(classification, '') AS classification, {gathered},
        count(*) FILTER (superseded_at IS NULL AND product <> 'TOTAL') AS goods,
        count(*) FILTER (superseded_at IS NULL AND product = 'TOTAL') AS totals,
        coalesce(bit_or(
            1 << (CASE flow WHEN 'export' THEN 0 ELSE 4 END + CASE WHEN product = 'TOTAL' THEN 0
                WHEN length(product) <= 2 THEN 1 WHEN length(product) <= 4 THEN 2 ELSE 3 END)
        ) FILTER (superseded_at IS NULL AND flow IN ('export', 'import')
            AND NOT list_contains($world, partner)), 0) AS stated
    FROM filed_known
    WHERE year BETWEEN $first AND $last
        AND ($reporters IS NULL OR list_contains($reporters, reporter))
    GROUP BY reporter, year, month, source, coalesce(classification, '')
), sources AS (
    SELECT reporter, year, month, source
    FROM (
        SELECT reporter, year, month, source, min(grade) AS grade, min(taken_in) AS taken_in,
            min(known_first) AS known_first
        FROM editions GROUP BY reporter, year, month, source
    )
    QUALIFY row_number() OVER (PARTITION BY reporter, year, month ORDER BY {order}) = 1
), reports AS (
    SELECT reporter, year, month, source, list_contains($groups, reporter) AS is_group,
        first(classification ORDER BY goods = 0, NOT starts_with(classification, 'H'), goods DESC,
            classification DESC) AS taken,
        first(classification ORDER BY totals = 0, NOT starts_with(classification, 'H'), goods DESC,
            classification DESC) AS taken_total,
        count(*) FILTER (goods > 0) AS editions, bit_or(stated) AS stated
    FROM editions JOIN sources USING (reporter, year, month, source)
    GROUP BY reporter, year, month, source
)
