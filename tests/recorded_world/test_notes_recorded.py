"""Notes on what real sources list: also on an instrument that its source gives no name."""

from __future__ import annotations

from datetime import datetime

import pytest

from analytics.notes.fact_pack import fact_pack
from analytics.notes.gate import compose_note
from analytics.notes.template import template_note
from tests.recorded_world.conftest import Fetched
from tests.recorded_world.fortnight import MIDDLE, NOW


@pytest.mark.parametrize("moment", [MIDDLE, NOW], ids=["middle", "now"])
@pytest.mark.parametrize("entity", ["yahoo:^GSPC", "yahoo:AAPL", "USA"])
def test_the_template_writes_and_withholds_nothing(
    recorded: Fetched, entity: str, moment: datetime
) -> None:
    at = recorded.at(moment)
    pack = fact_pack(at, entity)
    assert pack.title
    note = compose_note(at, pack, template_note(pack))
    assert not note.is_withheld, note.problems


def test_what_real_sources_call_an_indicator_is_written_by_its_name(recorded: Fetched) -> None:
    """Titles of real sources end with the country, and are no names of the demo world."""
    pack = fact_pack(recorded.at(NOW), "DEU")
    written = template_note(pack)["macro"]
    level = next(fact for fact in pack.facts if fact.indicator == "cpi_inflation")
    assert level.label == "Consumer price inflation"
    assert f"Consumer price inflation was {level.printed} in 2024." in written
    assert not [fact.label for fact in pack.facts if "Germany" in fact.label]
