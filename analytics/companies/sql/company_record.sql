-- One company as it is shown at the clock, with what was filed, who corrected it and since when
-- $company str: its permanent id
SELECT company, name, filed_name, sector, filed_sector, industry, filed_industry, country,
    filed_country, edited, note, author, edited_at, withdrawn, source, known_at
FROM {companies where company = $company}
