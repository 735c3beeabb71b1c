"""Pages with a planted leak, for the shredder to catch; none of them is shipped."""
