"""Finding by name: the palette, the boxes of a page, and what a page opens with."""
