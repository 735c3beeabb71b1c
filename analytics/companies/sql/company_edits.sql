-- What the team corrected of one company, the newest first: each row stood until the one above it
-- $company str: its permanent id
-- What a row leaves out is as filed.
SELECT company, known_at, author, name, sector, industry, country, note, withdrawn
FROM companies_known
WHERE company = $company AND {is_of_team}
ORDER BY known_at DESC
