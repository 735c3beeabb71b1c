-- Every vintage of lines of the accounts of all companies of some years, with when it stood
-- $concepts list : the lines
-- $first date : first day of a period's end
-- $last date : last day of a period's end
SELECT company, concept, period_start, period_end, value, unit, known_at,
    epoch_us(seen_at) AS seen, epoch_us(superseded_at) AS ended
FROM fundamentals_known
WHERE list_contains($concepts, concept) AND period_end BETWEEN $first AND $last
ORDER BY company, concept, period_end, period_start, source, known_at
