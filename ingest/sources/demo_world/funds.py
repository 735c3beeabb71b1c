"""Managers and what they hold: quarterly Form 13F filings, late, amended, and some with errors."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ingest.sources.demo_world.draws import Floats, uniforms
from ingest.sources.demo_world.issuers import Issuer
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import day_number

FIRST_QUARTER = date(2013, 6, 30)  # since when the filings are XML
AMERICAN = ("XNYS", "XNAS")
_PLACES = (
    *("Larkspur", "Quillback", "Thornapple", "Umberfield", "Windlass", "Saltmarsh", "Foxglove"),
    *("Heronsgate", "Inkwell", "Juniper Row", "Kestrelby", "Lampblack", "Mooring", "Nettlecombe"),
    *("Oakapple", "Pewter Lane", "Rookery", "Sparrowhall", "Tidewrack", "Yarrowdale"),
)
_KINDS = ("Capital Partners", "Asset Management")
_PARTNERS = {1: "Quillback & Reed"}  # an ampersand, which XML and HTML write in their own ways
_FAMOUS, _OTHER = 2.0, 0.6  # how wide the net is among the first 36 issuers, and beyond
_ENTER, _LEAVE, _TRADE = 0.10, 0.05, 0.55
_SPLIT = 4.0  # taken for every share: its own splits may be of days that are still to come
_MOST = 0.03  # of a company's shares in one manager's hands: all together own less than all


@dataclass(frozen=True, slots=True)
class Fund:
    """One manager; `book` is about what it holds in dollars, `breadth` the part of all shares."""

    number: int
    name: str
    book: float
    breadth: float

    @property
    def id(self) -> str:
        """The permanent id."""
        return f"demo:mgr-{self.number + 1:03d}"


@dataclass(frozen=True, slots=True)
class Security:
    """One American share with its close and the product of its splits at each quarter's end; a
    close is NaN where it was not listed."""

    issuer: Issuer
    close: Floats
    split: Floats

    @property
    def cusip(self) -> str:
        """The nine characters after the country in its ISIN."""
        return f"{self.issuer.number:09d}"


def funds_of(spec: Spec) -> tuple[Fund, ...]:
    """Six at the small scale, forty otherwise."""
    count = min(len(_PLACES) * len(_KINDS), spec.scale.issuers // 6)
    return tuple(_fund(spec, number) for number in range(count))


def _fund(spec: Spec, number: int) -> Fund:
    luck = uniforms(spec.seed, f"manager {number}", 3)
    kind = _KINDS[number // len(_PLACES)]
    book = float(round(200 + 9000 * luck[0] * luck[1])) * 1e6
    house = _PARTNERS.get(number, _PLACES[number % len(_PLACES)])
    return Fund(number, f"{house} {kind}", book, 0.15 + 0.35 * luck[2])


def quarters_of(spec: Spec) -> list[date]:
    """The last days of the quarters since the first, up to the world's end."""
    ends = []
    for year in range(FIRST_QUARTER.year, spec.until.year + 1):
        for month in (3, 6, 9, 12):
            day = date(year, month, calendar.monthrange(year, month)[1])
            if FIRST_QUARTER <= day <= spec.until:
                ends.append(day)
    return ends


def securities_of(
    issuers: Sequence[Issuer], panels: Sequence[PricePanel], ends: Sequence[date]
) -> list[Security]:
    """Every American share, in the order of issuers."""
    by_symbol = {issuer.symbol: issuer for issuer in issuers}
    days = np.array([day_number(day) for day in ends], dtype=np.int64)
    found = []
    for panel in panels:
        if panel.venue.code not in AMERICAN:
            continue
        last = np.searchsorted(panel.sessions.days, days, side="right") - 1
        for column, symbol in enumerate(panel.symbols):
            split = np.ones(len(panel.close)) if panel.split is None else panel.split[:, column]
            factor = np.cumprod(np.where(panel.listed[:, column], split, 1.0)).astype(np.float64)
            close = np.where(panel.listed[last, column], panel.close[last, column], np.nan)
            found.append(Security(by_symbol[symbol], close, factor[last]))
    return sorted(found, key=lambda security: security.issuer.number)


def positions(
    spec: Spec, manager: Fund, securities: Sequence[Security], count: int
) -> list[list[tuple[Security, int]]]:
    """By quarter what a manager owns, with the shares as they were counted then."""
    most = securities[-1].issuer.number + 1 if securities else 0
    taste = uniforms(spec.seed, f"taste {manager.id}", most)
    out: list[list[tuple[Security, int]]] = [[] for _ in range(count)]
    for security in securities:
        liking = float(taste[security.issuer.number])
        reach = manager.breadth * (_FAMOUS if security.issuer.number < 36 else _OTHER)
        if liking > reach:
            continue
        draws = uniforms(spec.seed, f"holding {manager.id} {security.issuer.symbol}", count * 2)
        dollars = manager.book * 0.02 * (0.2 + 3.0 * (1.0 - liking / reach) ** 2)
        for quarter, shares in enumerate(_shares(security, draws.reshape(count, 2), dollars)):
            if shares:
                out[quarter].append((security, shares))
    return out


def _shares(security: Security, draws: Floats, dollars: float) -> list[int]:
    """Bought and sold at whim; splits multiply what is there, and no share outlives its listing."""
    made: list[int] = []
    units, factor = 0.0, 1.0
    most = _MOST * security.issuer.shares / _SPLIT
    for chance, close, split in zip(draws, security.close, security.split, strict=True):
        whim, size = float(chance[0]), float(chance[1])
        if not np.isfinite(close):
            units = 0.0
        elif units == 0.0:
            fresh = np.rint(dollars * (0.5 + size) / close / 100.0) * 100.0
            units = float(max(fresh, 100.0)) if whim < _ENTER or not made else 0.0
            factor = float(split)
        elif whim < _LEAVE:
            units = 0.0
        elif whim < _TRADE:
            units = float(max(np.rint(units * (0.7 + 0.65 * size) / 100.0) * 100.0, 100.0))
        units = min(units, 100.0 * np.floor(most * factor / 100.0))
        made.append(round(units * float(split) / factor))
    return made
