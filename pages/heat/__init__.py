"""Parts of the heatmaps: the reader's colours, the hover card, the slider of the clock."""
