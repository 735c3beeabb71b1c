"""What a source reads and is no fact goes no further than the eyes of whoever asked."""

from __future__ import annotations

from ingest.runs.reading import read
from ingest.sources import countries, fred
from tests.ingest.macro_replies import NOW, reply

VINTAGES = "https://api.stlouisfed.org/fred/series/vintagedates?series_id=USRECD"


def test_a_list_of_vintages_leads_to_windows_and_to_no_rows() -> None:
    answer = reply({"vintage_dates": ["2020-06-08", "2021-07-19"], "count": 2}, VINTAGES)
    found = read(fred.SOURCE, answer)
    assert (found.rows, dict(found.tables)) == (0, {})
    assert [call.params["realtime_start"] for call in found.follow] == ["2020-06-08"]


def test_the_house_table_keeps_its_own_dates() -> None:
    table = read(countries.SOURCE, reply(b"", countries.HOUSE)).tables["countries"]
    assert min(table["known_at"].to_pylist()).year == 1974
    assert all(moment < NOW for moment in table["known_at"].to_pylist())
