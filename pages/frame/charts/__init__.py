"""Charts: frame -> figure, a module per subject over one look; nothing of Streamlit here."""

from pages.frame.charts.base import Figure, config, draw, watermark
from pages.frame.charts.lake import activity, line

__all__ = ["Figure", "activity", "config", "draw", "line", "watermark"]
