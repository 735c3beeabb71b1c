-- Every vintage of lines of accounts that is in view at the clock, of the source that is shown
-- $ids list = : companies, all of them without it
-- A row whose `superseded_at` is empty is the one that stands; the first one was filed first.
SELECT company, concept, period_start, period_end, value, unit, form, accession, known_at, seen_at,
    superseded_at, source
FROM fundamentals_known
JOIN {standing of fundamentals_known per company of source
    where ($ids IS NULL OR list_contains($ids, company))} AS stands USING (company, source)
WHERE standing = 1 AND ($ids IS NULL OR list_contains($ids, company))
ORDER BY company, concept, period_start, period_end, known_at, seen_at
