-- Every company that files, as it is shown at the clock; withdrawn ones can still be named
SELECT company, source, name, currency
FROM {companies}
ORDER BY company
