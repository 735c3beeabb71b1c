"""Parts of the pages of companies: statements, ratios, filings, holders and what they share."""
