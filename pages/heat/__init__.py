"""Parts of the heatmaps: the map of tiles, the reader's colours, the slider of the clock."""
