"""What is measured in every country: units, frequencies, release habits and revisions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indicator:
    """`after_days` counts from the end of the period; `noise` is the error of the first print.

    `revisions` later prints follow, each less wrong, `revised_every` periods apart. Indicators
    of one `family` share their errors, so that a balance stays the difference of its parts.
    """

    code: str
    title: str
    frequency: str
    unit: str
    adjustment: str
    dimension: str
    direction: int
    after_days: int
    minute: int
    importance: int
    decimals: int
    noise: float
    revisions: int
    family: str = ""
    rebased: bool = False

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
    Indicator("GDP", "Real gross domestic product", "quarterly", _OLD_GDP, "sa", "growth", 1,
              30, 510, 1, 1, 0.35, 4, "gdp", True),
    Indicator("GDPG", "Real GDP growth, quarter on quarter", "quarterly", _QOQ,
              "sa", "growth", 1, 30, 510, 3, 2, 0.35, 4, "gdp"),
    Indicator("CPI", "Consumer price index", "monthly", _BASE, "nsa", "inflation", -1,
              12, 510, 1, 2, 0.06, 2, "", True),
    Indicator("CPIYOY", "Consumer price inflation", "monthly", _YOY, "nsa", "inflation", -1,
              12, 510, 3, 1, 0.10, 2),
    Indicator("CORE", "Core consumer price inflation", "monthly", _YOY, "sa", "inflation", -1,
              12, 510, 3, 1, 0.10, 2),
    Indicator("PPI", "Producer price inflation", "monthly", _YOY, "nsa", "inflation", -1,
              14, 510, 2, 1, 0.25, 2),
    Indicator("WAGES", "Average earnings", "monthly", _YOY, "sa", "labour", 1,
              8, 510, 2, 1, 0.20, 2),
    Indicator("UNEMP", "Unemployment rate", "monthly", _PCT, "sa", "labour", -1,
              5, 510, 3, 1, 0.10, 2),
    Indicator("EMPL", "Change in employment", "monthly", "thousand persons", "sa", "labour", 1,
              5, 510, 3, 0, 0.0, 2),
    Indicator("IP", "Industrial production index", "monthly", _BASE, "sa", "growth", 1,
              15, 555, 2, 1, 0.35, 3, "", True),
    Indicator("RETAIL", "Retail sales", "monthly", _MOM, "sa", "growth", 1,
              14, 510, 2, 1, 0.30, 2),
    Indicator("PMI", "Purchasing managers' index, manufacturing", "monthly", "diffusion index",
              "sa", "growth", 1, 1, 600, 3, 1, 0.25, 2),
    Indicator("PMISERV", "Purchasing managers' index, services", "monthly", "diffusion index",
              "sa", "growth", 1, 3, 600, 2, 1, 0.25, 2),
    Indicator("CONF", "Consumer confidence", "monthly", "index, long-run average = 100",
              "sa", "growth", 1, -3, 600, 1, 1, 0.30, 2),
    Indicator("EXPORTS", "Exports of goods", "monthly", _USD, "sa", "external", 1,
              35, 510, 1, 2, 0.8, 3, "goods"),
    Indicator("IMPORTS", "Imports of goods", "monthly", _USD, "sa", "external", -1,
              35, 510, 1, 2, 0.8, 3, "goods"),
    Indicator("TRADEBAL", "Balance of goods trade", "monthly", _USD, "sa", "external", 1,
              35, 510, 2, 2, 0.0, 3, "goods"),
    Indicator("CA", "Current account", "quarterly", "percent of GDP", "sa", "external", 1,
              75, 510, 1, 1, 0.25, 3),
    Indicator("POLICY", "Policy rate", "irregular", _PCT, "nsa", "policy", 1,
              0, 840, 3, 2, 0.0, 0),
    Indicator("Y10", "Ten-year government yield, monthly average", "monthly", _PCT, "nsa",
              "policy", 1, 1, 960, 1, 2, 0.0, 0),
    Indicator("M2", "Broad money", "monthly", _YOY, "sa", "policy", 1,
              25, 600, 1, 1, 0.20, 2),
    Indicator("CREDIT", "Credit to the private sector", "quarterly", _YOY, "sa", "policy", 1,
              60, 600, 1, 1, 0.20, 2),
    Indicator("HOUSE", "House price index", "quarterly", _BASE, "sa", "other", 1,
              55, 540, 1, 1, 0.30, 3, "", True),
    Indicator("DEBT", "General government debt", "annual", "percent of GDP", "nsa", "other", -1,
              110, 600, 1, 1, 0.80, 2),
    Indicator("DEFICIT", "General government balance", "annual", "percent of GDP", "nsa",
              "other", 1, 110, 600, 1, 1, 0.30, 2),
    Indicator("POP", "Population", "annual", "million persons", "nsa", "other", 1,
              180, 600, 1, 2, 0.05, 2),
)  # fmt: skip
CLAIMS = Indicator("CLAIMS", "Initial claims for unemployment benefit", "weekly",
                   "thousand persons", "sa", "labour", -1, 5, 510, 2, 0, 4.0, 2)  # fmt: skip
CLAIMS_COUNTRIES = ("USA", "CAN")
