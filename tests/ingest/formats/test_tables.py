"""Rows as the tables of the lake have them, whatever a source calls them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from ingest.formats.tables import table

KNOWN = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "said", "stored"),
    [
        (date(2026, 10, 1), False, False),
        (date(2026, 11, 20), False, False),
        (date(2026, 11, 21), False, True),
        (date(2036, 10, 1), False, True),
        (date(2025, 1, 1), True, True),
    ],
)
def test_what_is_said_of_a_period_to_come_is_a_forecast(
    period: date, said: bool, stored: bool
) -> None:
    """Potential output, for one, is published ten years ahead among plain observations."""
    frame = pl.DataFrame({"period": [period], "value": [1.0]})
    made = table("macro", frame, known_at=pl.lit(KNOWN), is_forecast=said)
    assert made["is_forecast"].to_pylist() == [stored]
