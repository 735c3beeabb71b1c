"""What a draft speaks of: names of countries, instruments, companies and indicators."""
