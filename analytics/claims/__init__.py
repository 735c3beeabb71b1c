"""The numbers of a draft against the lake: what it states, and whether that was so at its date."""
