"""Parts of the Trade page: what is chosen, and a view each."""
