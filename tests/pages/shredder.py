"""The shredder: a page at a clock must not change when everything known later is destroyed.

It runs a page at T on a whole lake, in a process that has already looked at Now; then on a copy
from which every row known after T is gone, and every word written down after it beside the lake,
with modules and caches that never saw the whole one, at another hour of the machine.
Every question the page asked, every answer, and everything it placed must be the same.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from data.clock import iso
from data.settings import Settings
from tests import shred as cut
from tests.hours import another_hour
from tests.pages import browse
from tests.pages.forget import forget, forget_weights

Address = dict[str, str]
OURS = ("pages", "analytics", "tests.pages.leaks")


@dataclass(frozen=True)
class Seen:
    """What one run of a page asked, got and showed."""

    calls: list[tuple[str, str, pl.DataFrame | None, tuple[str, ...]]]
    placed: list[str]


def differences(
    settings: Settings, page: str, address: Address, clocks: dict[datetime, Settings]
) -> list[str]:
    """One line per clock and difference; `clocks` gives each clock its shredded lake."""
    found = gallery(settings, {page: (address,)}, clocks)[page]
    return [line for lines in found.values() for line in lines]


def gallery(
    settings: Settings,
    pages: Mapping[str, tuple[Address, ...]],
    clocks: dict[datetime, Settings],
) -> dict[str, dict[int, list[str]]]:
    """The differences of many pages, by page and number of the address.

    All pages share one set of fresh modules per lake, which is what takes the time. The first
    address of a page is looked at by every clock, each further one by every third clock.
    """
    plan = [
        (page, number, address, clock)
        for page, addresses in pages.items()
        for number, address in enumerate(addresses)
        for clock in list(clocks)[:: 3 if number else 1]
    ]
    whole, found = {}, {page: {n: [] for n in range(len(pages[page]))} for page in pages}
    with fresh_modules():
        for page, addresses in pages.items():
            for address in addresses:
                look(settings, page, address)
        for page, number, address, clock in plan:
            whole[page, number, clock] = look(settings, page, address | {"as_of": iso(clock)})
    for clock, shredded in clocks.items():
        with fresh_modules(), another_hour():
            for page, number, address, _ in (line for line in plan if line[3] == clock):
                torn = look(shredded, page, address | {"as_of": iso(clock)})
                found[page][number] += [
                    f"{page} {address} at {iso(clock)}: {line}"
                    for line in compare(whole[page, number, clock], torn)
                ]
    return found


def look(settings: Settings, page: str, address: Address) -> Seen:
    """Run a page once and keep what it asked and what it placed."""
    from pages.frame.cached import AnalyticCall, observe

    calls: list[AnalyticCall] = []
    with observe(calls.append):
        app = browse.visit(settings, page, **address)
        browse.unfold(app, *(box.key for box in app.get("popover") if box.key))
    assert not app.exception, app.exception
    kept = [
        (
            call.name,
            repr(sorted(call.params.items())),
            call.answer.frame if call.answer else None,
            call.answer.damaged if call.answer else (),
        )
        for call in calls
    ]
    assert kept, f"{page} asked nothing through cached()"
    return Seen(kept, placed(app))


def placed(app: Any) -> list[str]:
    """Every element of the page as text, files for download left out: they are made on a click."""
    elements = [
        element
        for kind in (
            "html",
            "markdown",
            "caption",
            "code",
            "plotly_chart",
            "echarts_chart",
            "arrow_vega_lite_chart",
            "dataframe",
            "bidi_component",
        )
        for element in app.get(kind)
    ]
    shown = []
    for element in elements:
        data = _content(element)
        shown.append(f"{element.type} {hashlib.sha256(data).hexdigest()}")
    return shown + [f"{box.key} {box.options}" for box in app.selectbox]


def _content(element: Any) -> bytes:
    """What it shows. A grid is read: under a cell without a value any bytes may lie."""
    if element.type != "dataframe":
        return bytes(element.proto.SerializeToString(deterministic=True))
    rest = type(element.proto)()
    rest.CopyFrom(element.proto)
    rest.arrow_data.ClearField("data")
    rows = f"{element.value.dtypes.to_dict()}{element.value.to_csv()}"
    return bytes(rest.SerializeToString(deterministic=True)) + rows.encode()


def compare(whole: Seen, torn: Seen) -> list[str]:
    """What differs between two runs."""
    asked = [[(name, params) for name, params, *_ in seen.calls] for seen in (whole, torn)]
    if asked[0] != asked[1]:
        return [f"asked {asked[0]}, then {asked[1]}"]
    lines = [
        f"{name}({params}) answers otherwise"
        for (name, params, before, lost), (_, _, after, _) in zip(
            whole.calls, torn.calls, strict=True
        )
        if not _same(before, after) or lost
    ]
    if whole.placed != torn.placed:
        lines.append("what the page shows differs")
    return lines


def shred(settings: Settings, clock: datetime, folder: Path) -> Settings:
    """A copy of the workspace in which nothing that became known after the clock exists.

    Nor does what was written down later: in the state, in the weights of the bias, in manifests.
    """
    copy = replace(settings, data_dir=folder)
    shutil.copytree(settings.root, copy.root, ignore=shutil.ignore_patterns("lake"))
    cut.shred(settings.lake, copy.lake, clock)
    cut.disguise(copy.lake)
    forget(copy.state, clock)
    forget_weights(copy.root / "bias.toml", clock)
    return copy


@contextmanager
def fresh_modules() -> Iterator[None]:
    """The project's modules as a new process would import them; the test's own come back after."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}
    st.cache_data.clear()
    st.cache_resource.clear()
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _is_ours(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_ours(name: str) -> bool:
    return any(name == root or name.startswith(root + ".") for root in OURS)


def _same(before: pl.DataFrame | None, after: pl.DataFrame | None) -> bool:
    if before is None or after is None:
        return before is after
    return before.schema == after.schema and before.equals(after)
