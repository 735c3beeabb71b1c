"""What is measured in every country: units, frequencies, release habits and revisions."""

from __future__ import annotations

from dataclasses import dataclass

from data.vocabulary import vocabulary


@dataclass(frozen=True, slots=True)
class DemoIndicator:
    """`after_days` counts from the end of the period; `noise` is the error of the first print.

    `revisions` later prints follow, each less wrong, `revised_every` periods apart. Indicators
    of one `family` share their errors, so that a balance stays the difference of its parts.
    """

    code: str
    frequency: str
    unit: str
    adjustment: str
    after_days: int
    minute: int
    importance: int
    decimals: int
    noise: float
    revisions: int
    family: str = ""
    rebased: bool = False

    @property
    def title(self) -> str:
        """Its name in the vocabulary."""
        return vocabulary()[self.code].name

    @property
    def dimension(self) -> str:
        """What it speaks of."""
        return vocabulary()[self.code].dimension

    @property
    def direction(self) -> int:
        """What more of it means."""
        return vocabulary()[self.code].direction

    @property
    def is_relative(self) -> bool:
        """Whether `noise` is a percentage of the level rather than in the unit itself."""
        return self.rebased or self.code in ("EXPORTS", "IMPORTS")


_PCT = "percent"
_YOY = "percent, year on year"
_QOQ = "percent, quarter on quarter"
_MOM = "percent, month on month"
_BASE = "index, January 2005 = 100"
REBASED_UNIT = "index, 2015 = 100"
_OLD_GDP = "billion units of national currency at 2005 prices"
REBASED_GDP = "billion units of national currency at 2015 prices"
_USD = "billion US dollars"

INDICATORS = (
    DemoIndicator("GDP", "quarterly", _OLD_GDP, "sa", 30, 510, 1, 1, 0.35, 4, "gdp", True),
    DemoIndicator("GDPG", "quarterly", _QOQ, "sa", 30, 510, 3, 2, 0.35, 4, "gdp"),
    DemoIndicator("CPI", "monthly", _BASE, "nsa", 12, 510, 1, 2, 0.06, 2, "", True),
    DemoIndicator("CPIYOY", "monthly", _YOY, "nsa", 12, 510, 3, 1, 0.10, 2),
    DemoIndicator("CORE", "monthly", _YOY, "sa", 12, 510, 3, 1, 0.10, 2),
    DemoIndicator("PPI", "monthly", _YOY, "nsa", 14, 510, 2, 1, 0.25, 2),
    DemoIndicator("WAGES", "monthly", _YOY, "sa", 8, 510, 2, 1, 0.20, 2),
    DemoIndicator("UNEMP", "monthly", _PCT, "sa", 5, 510, 3, 1, 0.10, 2),
    DemoIndicator("EMPL", "monthly", "thousand persons", "sa", 5, 510, 3, 0, 0.0, 2),
    DemoIndicator("IP", "monthly", _BASE, "sa", 15, 555, 2, 1, 0.35, 3, "", True),
    DemoIndicator("RETAIL", "monthly", _MOM, "sa", 14, 510, 2, 1, 0.30, 2),
    DemoIndicator("PMI", "monthly", "diffusion index", "sa", 1, 600, 3, 1, 0.25, 2),
    DemoIndicator("PMISERV", "monthly", "diffusion index", "sa", 3, 600, 2, 1, 0.25, 2),
    DemoIndicator("CONF", "monthly", "index, long-run average = 100", "sa", -3, 600, 1, 1, 0.30, 2),
    DemoIndicator("EXPORTS", "monthly", _USD, "sa", 35, 510, 1, 2, 0.8, 3, "goods"),
    DemoIndicator("IMPORTS", "monthly", _USD, "sa", 35, 510, 1, 2, 0.8, 3, "goods"),
    DemoIndicator("TRADEBAL", "monthly", _USD, "sa", 35, 510, 2, 2, 0.0, 3, "goods"),
    DemoIndicator("CA", "quarterly", "percent of GDP", "sa", 75, 510, 1, 1, 0.25, 3),
    DemoIndicator("POLICY", "irregular", _PCT, "nsa", 0, 840, 3, 2, 0.0, 0),
    DemoIndicator("Y10", "monthly", _PCT, "nsa", 1, 960, 1, 2, 0.0, 0),
    DemoIndicator("M2", "monthly", _YOY, "sa", 25, 600, 1, 1, 0.20, 2),
    DemoIndicator("CREDIT", "quarterly", _YOY, "sa", 60, 600, 1, 1, 0.20, 2),
    DemoIndicator("HOUSE", "quarterly", _BASE, "sa", 55, 540, 1, 1, 0.30, 3, "", True),
    DemoIndicator("DEBT", "annual", "percent of GDP", "nsa", 110, 600, 1, 1, 0.80, 2),
    DemoIndicator("DEFICIT", "annual", "percent of GDP", "nsa", 110, 600, 1, 1, 0.30, 2),
    DemoIndicator("POP", "annual", "million persons", "nsa", 180, 600, 1, 2, 0.05, 2),
)
CLAIMS = DemoIndicator("CLAIMS", "weekly", "thousand persons", "sa", 5, 510, 2, 0, 4.0, 2)
CLAIMS_COUNTRIES = ("USA", "CAN")
