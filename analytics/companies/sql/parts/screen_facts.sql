-- Lines of the accounts of all companies that stood at the clock, of the source that is shown
-- $concepts list : the lines
-- $since date : no period that ended earlier
SELECT company, concept, period_start, period_end, value, unit, known_at
FROM fundamentals
JOIN {standing of fundamentals_known per company of source} AS stands USING (company, source)
WHERE standing = 1 AND list_contains($concepts, concept) AND period_end >= $since
ORDER BY company, concept, period_end, period_start
