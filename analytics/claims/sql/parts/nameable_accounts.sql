-- Which lines the filings of each company have, as known at the clock
SELECT DISTINCT company, concept
FROM fundamentals
ORDER BY company, concept
