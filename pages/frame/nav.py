"""PAGES: the one list of pages, as plain data; it knows nothing of Streamlit or of the lake."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

FOLDER = Path(__file__).resolve().parents[1]
SECTIONS = ("Today", "Markets", "Macro", "Companies", "Research", "Desk", "Lake")


@dataclass(frozen=True, slots=True)
class PageLine:
    """One page: `name` is its file and its path in the address, and both are permanent.

    `reads` are the datasets that its panels ask, the one that it is about first; questions about
    the lake as a whole, and the directory in which names are looked up, do not count. `examples`
    are addresses that show what it can show, the fullest first; "" is the plain page, and a word
    in braces is the name of something in the lake at hand. `charts` says whether it draws charts.
    """

    name: str
    title: str
    section: str
    icon: str
    hint: str
    folder: Path = FOLDER
    reads: tuple[str, ...] = ()
    examples: tuple[str, ...] = ("",)
    charts: bool = False

    @property
    def file(self) -> Path:
        """The script that draws it."""
        return self.folder / f"{self.name}.py"

    def addresses(self, names: Mapping[str, str]) -> list[dict[str, str]]:
        """The examples as parameters of addresses, with these names in place of the braces."""
        return [
            {key: value.format_map(names) for key, value in parse_qsl(example)}
            for example in self.examples
        ]


# Unknown addresses are led here by the server, with the path as this parameter; it is in no list.
ASKED = "asked"
NO_SUCH_PAGE = PageLine("no_such_page", "Page not found", "", "help", "", folder=FOLDER / "search")

PAGES: tuple[PageLine, ...] = (
    PageLine(
        "overview",
        "Home",
        "Today",
        "monitoring",
        "markets, what changed, what is due",
        reads=(
            "prices",
            "events",
            "expectations",
            "instruments",
            "macro",
            "news",
            "releases",
            "series",
            "trade",
        ),
        examples=("", "since=month"),
    ),
    PageLine(
        "heatmaps",
        "Heatmaps",
        "Markets",
        "grid_view",
        "what moved, in every lens",
        reads=("prices", "countries", "instruments", "macro", "news", "series"),
        examples=(
            "class=all&horizon=1m",
            "lens=grid&class=all",
            "lens=calendar",
            "lens=cross-asset",
            "lens=countries&dimension=inflation",
        ),
        charts=True,
    ),
    PageLine(
        "movers",
        "Movers",
        "Markets",
        "swap_vert",
        "largest moves relative to own volatility",
        reads=("prices", "events", "instruments", "news", "releases"),
        examples=("", "by=gap&horizon=1m"),
    ),
    PageLine(
        "correlation",
        "Correlation",
        "Markets",
        "apps",
        "what moves together, and since when",
        reads=("prices", "countries", "instruments", "macro", "series"),
        examples=(
            "also==EQUITY0/EQUITY1; =USA CPI",
            "moves=weekly&shrink=shrunk&window=3m",
            "preset=sectors",
        ),
        charts=True,
    ),
    PageLine(
        "instrument",
        "Instrument",
        "Markets",
        "candlestick_chart",
        "one instrument, all of it",
        reads=("prices", "countries", "events", "instruments", "macro", "news", "series"),
        examples=(
            "id={instrument}&vs={other}; =EQUITY1/EQUITY2; =yoy(USA CPI); =nobody",
            "id={several}",
        ),
        charts=True,
    ),
    PageLine(
        "countries",
        "Countries",
        "Macro",
        "public",
        "where each stands, and one by all",
        reads=("countries", "instruments", "macro", "prices", "series", "trade"),
        examples=("with=USA+DEU&id=DEU", "indicator=CPI&measure=year", "id=DEU&tab=ties"),
        charts=True,
    ),
    PageLine(
        "trade",
        "Trade",
        "Macro",
        "swap_horiz",
        "who trades what with whom, by both sides",
        reads=(
            "trade",
            "companies",
            "countries",
            "exposures",
            "instruments",
            "trade_months",
        ),
        examples=(
            "country=DEU",
            "country=DEU&view=sides",
            "country=DEU&view=dependency",
            "country=DEU&view=shock",
            "country=DEU&view=position",
            "",
        ),
        charts=True,
    ),
    PageLine(
        "releases",
        "Calendar",
        "Macro",
        "event",
        "what is due, expected, printed; surprises",
        reads=(
            "releases",
            "countries",
            "expectations",
            "instruments",
            "macro",
            "prices",
            "series",
        ),
        examples=("reach=3m", "", "country=all&reach=1m&of={instrument}"),
        charts=True,
    ),
    PageLine(
        "series",
        "Series",
        "Macro",
        "ssid_chart",
        "first print, revisions, as of the clock",
        reads=("macro", "series"),
        examples=(
            "id={cycle}&shade=regime&measure=year&span=all",
            "id={series}&vs={sister}&align=quarterly",
            "id={series}&measure=growth",
            "id={words}",
        ),
        charts=True,
    ),
    PageLine(
        "curves",
        "Curves",
        "Macro",
        "line_curve",
        "yield curves, slopes, breakevens",
        reads=("macro", "series"),
        examples=("", "curve=us&with=1y+2020-03-16&span=3y", "curve=euro&span=1y"),
        charts=True,
    ),
    PageLine(
        "regimes",
        "Regimes",
        "Macro",
        "explore",
        "growth and inflation, by rule and model",
        reads=("macro", "instruments", "prices", "series"),
        examples=("of={instrument}&span=all&vs={other}",),
        charts=True,
    ),
    PageLine(
        "companies",
        "Companies",
        "Companies",
        "domain",
        "every company by measures and ratios",
        reads=("fundamentals", "companies", "exposures", "instruments", "prices"),
        examples=("", "columns=technical&where=place:USA:0.1..&order=return_12m"),
    ),
    PageLine(
        "company",
        "Company",
        "Companies",
        "apartment",
        "accounts as filed and as they stand",
        reads=(
            "fundamentals",
            "companies",
            "countries",
            "events",
            "exposures",
            "filings",
            "fund_holdings",
            "instruments",
            "prices",
        ),
        examples=(
            "",
            "by=quarter",
            "view=ratios",
            "view=places",
            "view=filings",
            "view=calendar",
            "view=exposure",
            "view=macro&demand=USA:-10&fx=EUR:5",
            "view=simulate&debt=5",
            "view=holders",
        ),
        charts=True,
    ),
    PageLine(
        "funds",
        "Managers",
        "Companies",
        "groups",
        "13F portfolios, changes, crowding",
        reads=("fund_holdings", "instruments", "prices"),
        examples=(
            "",
            "view=portfolio",
            "view=crowding",
            "view=crowding&list={list}",
            "view=overlap&with={manager}&list={list}",
        ),
        charts=True,
    ),
    PageLine(
        "replay",
        "Replay",
        "Research",
        "replay",
        "step through a moment as it was known",
        reads=(
            "prices",
            "events",
            "expectations",
            "instruments",
            "macro",
            "news",
            "releases",
            "series",
        ),
        examples=("window={window}", "window={window}&stage=heatmap", ""),
        charts=True,
    ),
    PageLine(
        "studies",
        "Event study",
        "Research",
        "query_stats",
        "what follows events of a kind",
        reads=(
            "prices",
            "events",
            "expectations",
            "instruments",
            "macro",
            "news",
            "releases",
            "series",
        ),
        examples=(
            "by=falls&share=0.05&id={instrument}",
            "by=events&id={instrument}",
            "by=moves&percent=2&id={instrument}",
            "",
        ),
        charts=True,
    ),
    PageLine(
        "drafts",
        "Fact check",
        "Research",
        "fact_check",
        "the numbers of a draft, checked",
        examples=("id={document}", ""),
        charts=True,
    ),
    PageLine(
        "notes",
        "Notes",
        "Research",
        "edit_note",
        "notes from facts, each figure linked",
        reads=("prices", "instruments"),
        examples=("id={instrument}", "country=USA", "list={list}", "note=1"),
    ),
    PageLine(
        "live",
        "Live desk",
        "Desk",
        "bolt",
        "trades, gains and alerts as they come",
        reads=("ticks", "instruments", "prices"),
        examples=("", "show={traded}"),
        charts=True,
    ),
    PageLine(
        "alerts",
        "Alerts",
        "Desk",
        "notifications",
        "rules, rehearsal, what fired",
        examples=("", "rule={rule}", "new=yes&id={instrument}"),
    ),
    PageLine(
        "watchlists",
        "Watchlists",
        "Desk",
        "list_alt",
        "your lists, dated and checked",
        reads=("prices", "instruments"),
        examples=("list={list}",),
    ),
    PageLine(
        "positions",
        "Positions",
        "Desk",
        "account_balance_wallet",
        "value, gain, returns and risk of a portfolio",
        reads=("prices", "countries", "instruments"),
        examples=(
            "portfolio={portfolio}&benchmark={instrument}",
            "portfolio={portfolio}&base=EUR",
        ),
        charts=True,
    ),
    PageLine(
        "data",
        "Data",
        "Lake",
        "database",
        "every dataset: rows, range, freshness",
        reads=("prices", "macro"),
        examples=("", "dataset=macro&id={series}", "dataset=prices&id={instrument}"),
        charts=True,
    ),
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
