"""PAGES: the one list of pages, as plain data; it knows nothing of Streamlit or of the lake."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
SECTIONS = ("Today", "Markets", "Macro", "Companies", "Research", "Desk", "Lake")


@dataclass(frozen=True, slots=True)
class PageLine:
    """One page: `name` is its file and its path in the address, and both are permanent."""

    name: str
    title: str
    section: str
    icon: str
    hint: str
    folder: Path = FOLDER

    @property
    def file(self) -> Path:
        """The script that draws it."""
        return self.folder / f"{self.name}.py"


PAGES: tuple[PageLine, ...] = (
    PageLine("overview", "Overview", "Today", "monitoring", "what moved, what is late"),
    PageLine("heatmaps", "Heatmaps", "Markets", "grid_view", "what moved, in every lens"),
    PageLine(
        "movers", "Movers", "Markets", "swap_vert", "largest moves relative to own volatility"
    ),
    PageLine(
        "correlation", "Correlation", "Markets", "apps", "what moves together, and since when"
    ),
    PageLine(
        "instrument", "Instrument", "Markets", "candlestick_chart", "one instrument, all of it"
    ),
    PageLine("countries", "Countries", "Macro", "public", "where each stands, and one by all"),
    PageLine("releases", "Calendar", "Macro", "event", "what is due, expected, printed; surprises"),
    PageLine("series", "Series", "Macro", "ssid_chart", "first print, revisions, as of the clock"),
    PageLine("regimes", "Regimes", "Macro", "explore", "growth and inflation, by rule and model"),
    PageLine("replay", "Replay", "Research", "replay", "step through a moment as it was known"),
    PageLine("studies", "Event study", "Research", "query_stats", "what follows events of a kind"),
    PageLine("live", "Live desk", "Desk", "bolt", "trades, gains and alerts as they come"),
    PageLine("alerts", "Alerts", "Desk", "notifications", "rules, rehearsal, what fired"),
    PageLine("watchlists", "Watchlists", "Desk", "list_alt", "your lists, dated and checked"),
    PageLine(
        "positions", "Positions", "Desk", "account_balance_wallet", "what is held, and its gain"
    ),
    PageLine("data", "Data", "Lake", "database", "every dataset: rows, range, freshness"),
    PageLine("jobs", "Jobs", "Lake", "schedule", "what runs, what is due, what failed and why"),
)


def sections() -> list[tuple[str, list[PageLine]]]:
    """The pages under their headings, headings without pages left out."""
    grouped = [(name, [page for page in PAGES if page.section == name]) for name in SECTIONS]
    return [(name, pages) for name, pages in grouped if pages]


@lru_cache(maxsize=64)
def guide(file: Path) -> tuple[str, str]:
    """What a page is and how to read it: the first paragraph of its docstring, and the rest."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    first, _, rest = text.partition("\n\n")
    return first.replace("\n", " "), rest
