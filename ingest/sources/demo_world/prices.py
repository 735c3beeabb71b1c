"""Panels made into rows of the prices dataset, a few years at a time and already in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.datasets.prices import PRICES
from ingest.sources.demo_world.corrections import draws_of, with_misprints
from ingest.sources.demo_world.draws import Ints
from ingest.sources.demo_world.panels import PricePanel
from ingest.sources.demo_world.spec import FIRST_DAY, Spec
from ingest.sources.demo_world.tables import assemble, coded, days_of, instants

_ROWS_AT_ONCE = 900_000


def price_tables(spec: Spec, panels: Sequence[PricePanel]) -> Iterator[pa.Table]:
    """All rows of panels of one asset class, in whole years, each ordered by symbol and date."""
    rows = sum(int(panel.listed.sum()) for panel in panels)
    years = spec.until.year - FIRST_DAY.year + 1
    step = max(1, min(years, years * _ROWS_AT_ONCE // max(rows, 1)))
    draws = [draws_of(spec, panel) for panel in panels]
    for first in range(FIRST_DAY.year, spec.until.year + 1, step):
        last = min(first + step, spec.until.year + 1)
        # The lake takes a table as it comes if it lies in the order of its files: by year first.
        tables = [
            _rows(spec, list(zip(panels, draws, strict=True)), at) for at in range(first, last)
        ]
        yield pa.concat_tables(tables)


def _day(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


def _rows(spec: Spec, drawn: Sequence[tuple[PricePanel, Ints | None]], year: int) -> pa.Table:
    panels = [panel for panel, _ in drawn]
    words = sorted(symbol for panel in panels for symbol in panel.symbols)
    money = sorted({code for panel in panels for code in panel.currencies})
    rank = {word: at for at, word in enumerate(words)}
    parts = [_part(item, _cut(item[0], year), rank, money) for item in drawn]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if len(panels) > 1 or list(panels[0].symbols) != words:
        turn = np.argsort(joined["symbol"] * 100_000 + joined["date"], kind="stable")
        joined = {name: values[turn] for name, values in joined.items()}
    columns = {name: joined[name] for name in ("open", "high", "low", "close", "volume")}
    return assemble(
        PRICES,
        {
            **columns,
            "symbol": coded(joined["symbol"], words),
            "asset_class": panels[0].asset_class,
            "date": days_of(joined["date"]),
            "dividend": joined["dividend"],
            "split_ratio": joined["split_ratio"],
            "currency": coded(joined["currency"], money),
            "known_at": instants(joined["known_at"]),
        },
        spec,
    )


def _cut(panel: PricePanel, year: int) -> slice:
    ends = (_day(year), _day(year + 1))
    return slice(*np.searchsorted(panel.sessions.days, ends).tolist())


def _part(
    drawn: tuple[PricePanel, Ints | None], cut: slice, rank: dict[str, int], money: list[str]
) -> dict[str, NDArray[Any]]:
    """The sessions of a cut, symbol by symbol."""
    panel, draws = drawn
    days = panel.sessions.days
    mask = panel.listed[cut].T.ravel()
    sessions, symbols = cut.stop - cut.start, len(panel.symbols)

    def along(values: Ints) -> Ints:
        return np.tile(values[cut], symbols)[mask]

    def across(values: list[int]) -> Ints:
        return np.repeat(np.array(values, dtype=np.int64), sessions)[mask]

    out: dict[str, NDArray[Any]] = {
        "symbol": across([rank[symbol] for symbol in panel.symbols]),
        "date": along(days),
        "known_at": along(panel.sessions.known(panel.venue)),
        "currency": across([money.index(code) for code in panel.currencies]),
    }
    for name in ("open", "high", "low", "close", "volume"):
        out[name] = getattr(panel, name)[cut].T.ravel()[mask]
    for name, values, usual in (
        ("dividend", panel.dividend, 0.0),
        ("split_ratio", panel.split, 1.0),
    ):
        out[name] = (
            np.full(len(out["date"]), usual) if values is None else values[cut].T.ravel()[mask]
        )
    if draws is None:
        return out
    place = across(list(range(symbols))), along(np.arange(len(days)))
    return with_misprints(panel, draws, out, place)
