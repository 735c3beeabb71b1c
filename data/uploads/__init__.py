"""Tables that analysts bring: read in a process of its own, checked row by row, never guessed."""
