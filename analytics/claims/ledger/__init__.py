"""Claims on record: what they rest on in the lake, and the check of those that were touched."""
