"""Which topics sites cover, what others have and we do not, and who was first."""
