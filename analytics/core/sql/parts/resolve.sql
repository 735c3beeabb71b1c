-- Every instrument that a word may mean, with how it means it: 0 the id itself, 8 its name
-- $words list : the words as they were written
-- $venues list : for words such as LSE:VOD or VOD.L the market code, else empty
-- $tickers list : and the ticker beside it, else empty
WITH asked AS (
    SELECT DISTINCT CAST(unnest($words) AS VARCHAR) AS word,
        CAST(unnest($venues) AS VARCHAR) AS venue, CAST(unnest($tickers) AS VARCHAR) AS ticker
), listed AS (
    SELECT symbol, source, ticker, name, asset_class, venue, currency, isin, listed_on, delisted_on,
        upper(ticker) AS upper_ticker, upper(isin) AS upper_isin, upper(figi) AS upper_figi,
        lower(name) AS lower_name, aliases, grade, taken_in, known_first
    FROM {listed} AS there
), meant AS (
    SELECT word, symbol, source, 0 AS how FROM asked JOIN listed ON listed.symbol = asked.word
    UNION ALL
    SELECT word, symbol, source, 1 FROM asked JOIN listed ON upper_isin = upper(word)
    UNION ALL
    SELECT word, symbol, source, 2 FROM asked JOIN listed ON upper_figi = upper(word)
    UNION ALL
    SELECT word, symbol, source, 3
    FROM asked JOIN listed ON upper_ticker = upper(asked.ticker) AND listed.venue = asked.venue
    WHERE asked.venue <> ''
    UNION ALL
    SELECT word, symbol, source, 4 FROM asked JOIN listed ON upper_ticker = upper(word)
    UNION ALL
    SELECT word, symbol, source, 6
    FROM asked JOIN (
        SELECT symbol, source, unnest(string_split(upper(aliases), '|')) AS alias FROM listed
    ) AS named ON named.alias = upper(word)
    UNION ALL
    SELECT word, symbol, source, 8 FROM asked JOIN listed ON lower_name = lower(word)
)
SELECT word, min(how) AS how, symbol, source, min(ticker) AS ticker,
    min(name) AS name, min(asset_class) AS asset_class, min(venue) AS venue,
    min(currency) AS currency, min(isin) AS isin,
    min(listed_on) AS listed_on, min(delisted_on) AS delisted_on,
    min(grade) AS grade, min(taken_in) AS taken_in,
    min(known_first) AS known_first
FROM meant JOIN listed USING (symbol, source)
GROUP BY word, symbol, source
QUALIFY min(how) = min(min(how)) OVER (PARTITION BY word)
ORDER BY word, symbol, source
