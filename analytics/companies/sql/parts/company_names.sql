-- Companies as they are shown at the clock: the team's values, those filed beside them
-- $ids list = : companies, all of them without it
SELECT company, name, sector, industry, country, currency, fiscal_year_end, source, known_at,
    filed_name, filed_sector, filed_industry, filed_country, edited, withdrawn
FROM {companies where $ids IS NULL OR list_contains($ids, company)}
ORDER BY company
