-- Instruments that a word means: its id, its ticker, a whole alias or ISIN, or part of a name
-- $word str : what was typed
-- $top int = 12 : how many
SELECT symbol, source, ticker, name, asset_class, country, currency, listed_on, delisted_on,
    CASE WHEN symbol = $word THEN 0 WHEN upper(ticker) = upper($word) THEN 1
        WHEN upper(isin) = upper($word) OR upper(figi) = upper($word)
            OR list_contains(string_split(upper(aliases), '|'), upper($word)) THEN 2
        WHEN starts_with(lower(name), lower($word)) THEN 3 ELSE 4 END AS rank
FROM {listed} AS listed
WHERE symbol = $word OR upper(ticker) = upper($word) OR upper(isin) = upper($word)
    OR upper(figi) = upper($word)
    OR list_contains(string_split(upper(aliases), '|'), upper($word))
    OR contains(lower(name), lower($word))
ORDER BY rank, symbol, standing
LIMIT $top
