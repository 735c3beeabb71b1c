-- What is filed of whole years, and what is taken of each report of them, as parts of a query that
-- goes on with parts/trade_rows
-- $report_years list : of reports that are taken alike the year
-- $report_sources list : the source that is taken
-- $report_goods list : the edition of the list of goods that is taken
-- $report_totals list : the edition of which the total of all goods is taken
-- $report_editions list : how many editions have rows of goods
-- $report_stated list : what is stated by partner, a bit for each direction and level of goods
-- $report_codes list : whose reports these are, a line each
-- The reports are those of `known_reports`, which says which source and edition are taken.
WITH filed AS (
    SELECT *, 0 AS month FROM trade
), reports AS (
    SELECT reporter, year, 0 AS month, source, taken, taken_total, editions, stated,
        list_contains($groups, reporter) AS is_group
    FROM (
        SELECT year, source, taken, taken_total, editions, stated,
            unnest(string_split(codes, chr(10))) AS reporter
        FROM (
            SELECT unnest(CAST($report_years AS INTEGER[])) AS year,
                unnest(CAST($report_sources AS VARCHAR[])) AS source,
                unnest(CAST($report_goods AS VARCHAR[])) AS taken,
                unnest(CAST($report_totals AS VARCHAR[])) AS taken_total,
                unnest(CAST($report_editions AS BIGINT[])) AS editions,
                unnest(CAST($report_stated AS BIGINT[])) AS stated,
                unnest(CAST($report_codes AS VARCHAR[])) AS codes
        )
    )
)
