"""The examples of the page list as addresses in the small world of the page tests."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from pages.frame.nav import PageLine
from pages.replaying.window import ReplayWindow
from tests.pages import world

EVENING = datetime.combine(world.last_day(), time(22, tzinfo=UTC))
SHOWN = ("demo:equity0", "demo:fx4")
WINDOW = ReplayWindow(EVENING - timedelta(days=200), EVENING, "days", SHOWN, "USA")
# What this world has under the words that stand in braces.
NAMES = {
    "instrument": SHOWN[0],
    "other": SHOWN[1],
    "several": "Invented",
    "series": "demo:USA.CPI",
    "sister": "demo:DEU.CPI",
    "cycle": "demo:IP:FRA",
    "words": "consumer",
    "window": WINDOW.text(),
    "traded": "demo:AAAUSD demo:BBBUSD",
    "rule": world.RULE,
    "list": world.LIST,
    "document": "1",
    "portfolio": world.BOOK,
    "manager": "demo:mgr-b",
}


def addresses(line: PageLine) -> list[dict[str, str]]:
    """Where a page shows what it can show, the fullest first."""
    try:
        return line.addresses(NAMES)
    except KeyError as missing:
        raise AssertionError(
            f'pages/frame/nav.py: the examples of "{line.name}" name {missing}; add what it is in '
            "the tests' world to NAMES in tests/pages/examples.py"
        ) from None
