"""Editorial and search checks of a draft: how it says things, beside whether they are right."""
