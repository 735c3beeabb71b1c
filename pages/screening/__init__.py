"""Parts of the page Companies: columns, filters, what is saved of a screen, and its table."""
