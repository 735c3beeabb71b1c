"""The generated parts of the documentation, each computed from the code that it describes."""
