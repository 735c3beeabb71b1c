"""The core: queries and maths, without network, clock or screen."""
