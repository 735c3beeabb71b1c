"""Barograph in notebooks and scripts: SQL and analytics under one clock, with receipts.

    import barograph

    desk = barograph.open("demo", as_of="2020-03-16")
    desk.sql("SELECT date, close FROM prices WHERE symbol = $symbol", symbol="demo:EURUSD").polars()
    desk.analytics.movers(sessions=5).save_receipt("movers.json")

It reads; nothing here writes to a workspace.
"""

from __future__ import annotations

from ._checkout import CHECKOUT  # first: what follows imports packages of the checkout
from .handle import BarographError, Handle, open_handle
from .results import Result

open = open_handle

__all__ = ["CHECKOUT", "BarographError", "Handle", "Result", "open"]
