"""The parties we pull from, one file each."""
