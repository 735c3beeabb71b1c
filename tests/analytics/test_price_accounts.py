"""Panels cut from accounts that are kept: at any clock what the query itself gives there."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.core.catalogue import function_named
from analytics.core.close_matrix import CloseMatrices, CloseMatrix, reach, read_panel
from analytics.core.price_accounts import shared_accounts
from analytics.core.query_texts import query_text
from data.errors import LakeError
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests import tiers
from tests.analytics import revised_world
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.analytics.test_known_history import drawn

SESSIONS = (2, 30, 505)


def slowly(at: At, sessions: int) -> list[dict[str, Any]]:
    """The rows that a receipt asks for."""
    day = at.as_of.date()
    since, until = day - reach(sessions), day + timedelta(days=1)
    part = at.within("prices", since, until)
    asked = {"sessions": sessions, "since": since, "until": until, "symbols": None}
    return part.sql(query_text("parts/panel_rows"), **asked).frame.to_dicts()


def agrees(panel: CloseMatrix, rows: list[dict[str, Any]]) -> None:
    """Every figure of the panel against the rows, one by one."""
    assert panel.instruments.height == len(rows)
    names = panel.instruments.columns
    for place, row in enumerate(rows):
        assert panel.instruments.row(place, named=True) == {name: row[name] for name in names}
        days, closes = row["dates"][::-1], row["closes"][::-1]
        splits = list(zip(row["split_dates"] or (), row["ratios"] or (), strict=True))
        splits = [(day, ratio) for day, ratio in splits if day <= days[-1]]
        there = panel.days[:, place] >= 0
        assert there.sum() == len(days) and there[-len(days) :].all()
        found = panel.days[there, place].astype("datetime64[D]").astype(date).tolist()
        assert found == days
        dividends = dict(zip(row["dividend_dates"] or (), row["dividends"] or (), strict=True))
        held, level = 0.0, []
        for number, (day, close) in enumerate(zip(days, closes, strict=True)):
            adjusted = close
            for on, ratio in splits:
                adjusted = adjusted / ratio if day < on else adjusted
            assert panel.closes[-len(days) + number, place] == adjusted
            held += np.log1p(dividends.get(day, 0.0) / close) if close > 0 else 0.0
            level.append(np.log(adjusted) + held if adjusted > 0 else np.nan)
        if row["asset_class"] != "rate":
            assert np.allclose(panel.level[there, place], level, rtol=1e-12, equal_nan=True)
        turnover = [value if value >= 0 else np.nan for value in row["turnovers"][::-1]]
        assert np.array_equal(panel.turnover[there, place], turnover, equal_nan=True)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_at_any_clock_as_the_query_says(revised: Db, mode: Mode) -> None:
    panels, rng, found = CloseMatrices(), random.Random(mode), 0
    for clock in drawn(f"panel {mode}"):
        at, sessions = revised.at(clock, mode), rng.choice(SESSIONS)
        rows = slowly(at, sessions)
        agrees(panels.of(at, sessions=sessions), rows)
        agrees(read_panel(at, sessions=sessions), rows)
        found += len(rows)
    assert found > 10 * tiers.amount("HISTORY_CLOCKS", day=8, night=60)


def test_the_world_corrects_prices_between_two_of_its_clocks(revised: Db) -> None:
    """Else the test above would compare what never changes."""
    at = revised.at(revised_world.AFTERWARDS)
    ended = at.sql("SELECT count(*) AS n FROM prices_known WHERE superseded_at IS NOT NULL")
    assert ended.frame.item() > 0


def test_a_day_without_a_close_and_an_instrument_without_any(lake: Lake, db: Db) -> None:
    first = quotes({0: 1.0, 1: None, 3: 3.0}, "x:a", splits={1: 2.0, 4: 5.0})
    lake.upsert("prices", table(first, quotes({2: None}, "x:b"), quotes({2: 9.0}, "x:c")))
    panel = CloseMatrices().of(db.at(evening(5)), sessions=3)
    assert panel.instruments["symbol"].to_list() == ["x:a", "x:c"]
    assert panel.closes[:, 0].tolist()[1:] == [0.5, 3.0]
    assert panel.closes[:, 1].tolist()[2:] == [9.0]


def test_clocks_of_a_quarter_share_what_was_read(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({day: 1.0 + day for day in range(200)})))
    back = reach(5)
    first = shared_accounts(db.at(evening(3)), back)
    assert shared_accounts(db.at(evening(4)), back) is first
    assert shared_accounts(db.at(evening(190)), back) is not first
    lake.upsert("prices", table(quotes({4: 9.0}, known_at=evening(6))))
    again = CloseMatrices()
    assert [again.of(db.at(evening(n)), sessions=5).closes[-1, 0] for n in (4, 5, 6)] == [5, 6, 7]
    assert again.of(db.at(evening(6)), sessions=5).closes[-3, 0] == 9.0


def test_a_damaged_file_is_said_and_read_anew_once_it_is_mended(lake: Lake, db: Db) -> None:
    next_year = (date(FIRST.year + 1, 1, 1) - FIRST).days
    last = next_year - 10
    lake.upsert("prices", table(quotes({last - 1: 1.0, last: 2.0, next_year + 3: 3.0})))
    at, panels = db.at(evening(last)), CloseMatrices()
    earlier, later = sorted(entry.file for entry in db.manifest("prices").files)
    for file, closes in ((earlier, []), (later, [1.0, 2.0])):  # of splits every file is read
        path = lake.root / "prices" / file
        content = path.read_bytes()
        path.write_bytes(content[:-9])
        panel = panels.of(db.at(evening(last)), sessions=2)
        assert set(panel.answer.damaged) == {f"prices/{file}"}
        assert panel.closes.T.ravel().tolist() == closes
        path.write_bytes(content)
        panels = CloseMatrices()
    panel = panels.of(at, sessions=2)
    assert panel.closes[:, 0].tolist() == [1.0, 2.0]
    assert not panel.answer.damaged


def test_rows_of_a_query_that_were_given_up_are_had_again(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({day: 1.0 + day for day in range(1_200)})))
    answer = db.at(evening(1_300)).sql("SELECT date, close FROM prices ORDER BY date")
    light = answer.asked[0].light()
    assert light.kept is None
    assert light.frame.equals(answer.frame)
    few = db.at(evening(900)).sql("SELECT date, close FROM prices ORDER BY date").asked[0]
    assert few.light() is few
    path = lake.root / "prices" / db.manifest("prices").files[0].file
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(LakeError, match="is damaged, so its rows cannot be given"):
        _ = light.frame


def test_after_a_file_was_damaged_a_panel_is_what_its_receipt_gives(lake: Lake, db: Db) -> None:
    year = (date(FIRST.year + 1, 1, 1) - FIRST).days
    lake.upsert("prices", table(quotes({day: 1.0 + day for day in (year - 2, year - 1, year + 1)})))
    panels, clocks = CloseMatrices(), (evening(year + 2), evening(year + 3))
    assert panels.of(db.at(clocks[0]), sessions=3).closes[0, 0] == year - 1
    damaged = lake.root / "prices" / min(entry.file for entry in db.manifest("prices").files)
    damaged.write_bytes(damaged.read_bytes()[:-9])
    for clock in clocks:  # of the first the panel is kept, of the other the accounts are
        panel = panels.of(db.at(clock), sessions=3)
        assert panel.answer.damaged == (str(damaged.relative_to(lake.root)),)
        assert (panel.days >= 0).sum() == 1
        agrees(panel, panel.answer.asked[0].frame.to_dicts())
        receipt = make_receipt(panel.answer)
        assert verify(receipt, lake.root, function_named)[0].same
