-- What was known of one company, as the team corrected it: names, sector, country, currency, fiscal year end, filer category
-- $company str : the company
-- `currency` is that of its last accounts where the directory states none; former names are those
-- of earlier vintages in view, each with the month in which it ended.
WITH shown AS (
    SELECT * FROM {companies where company = $company}
), former AS (
    SELECT known.name, max(known.superseded_at) AS ended
    FROM companies_known AS known
    JOIN shown USING (company, source)
    WHERE known.name <> coalesce(shown.filed_name, shown.name) AND known.superseded_at IS NOT NULL
    GROUP BY known.name
), reported AS (
    SELECT unit FROM fundamentals
    WHERE company = $company AND length(unit) = 3
    GROUP BY unit ORDER BY max(period_end) DESC, count(*) DESC, unit LIMIT 1
)
SELECT company, name,
    (SELECT string_agg(name || ' (until ' || strftime(ended AT TIME ZONE 'UTC', '%b %Y') || ')', '; '
        ORDER BY ended DESC, name) FROM former) AS former_names,
    description, sector, industry, country,
    coalesce(currency, (SELECT unit FROM reported)) AS currency,
    fiscal_year_end, category, website, cik, lei,
    (SELECT string_agg(DISTINCT ticker, ' ' ORDER BY ticker) FROM instruments
        WHERE instruments.company = $company
            AND coalesce(delisted_on >= getvariable('as_of')::DATE, true)) AS tickers,
    source, vintage_grade, known_at
FROM shown
ORDER BY company
