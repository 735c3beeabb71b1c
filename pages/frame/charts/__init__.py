"""Charts: frame -> figure, a module per subject over one look; nothing of Streamlit here."""

from pages.frame.charts.base import Figure, config, draw, watermark
from pages.frame.charts.colour_scale import ColourScale
from pages.frame.charts.course import TONES, Course, Pane, Shade, Style, courses
from pages.frame.charts.curve import Step, surface, yield_curves
from pages.frame.charts.flows import Link, Tile, YearBars, YearLine, by_period, sankey, treemap
from pages.frame.charts.lake import activity, line
from pages.frame.charts.matrix import height, matrix
from pages.frame.charts.study import aligned
from pages.frame.charts.world import world

__all__ = [
    "TONES",
    "ColourScale",
    "Course",
    "Figure",
    "Link",
    "Pane",
    "Shade",
    "Step",
    "Style",
    "Tile",
    "YearBars",
    "YearLine",
    "activity",
    "aligned",
    "by_period",
    "config",
    "courses",
    "draw",
    "height",
    "line",
    "matrix",
    "sankey",
    "surface",
    "treemap",
    "watermark",
    "world",
    "yield_curves",
]
