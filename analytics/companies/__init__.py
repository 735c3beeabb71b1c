"""Companies: their accounts as they were filed, ratios, screens, and what changes them."""
