"""Regimes fitted ahead: kept by their data, read instead of made, and never believed unread."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from analytics.core.known_history import HISTORIES
from analytics.regimes import kept_fits
from analytics.regimes.kept_fits import fits_folder, kept_fit
from analytics.regimes.switching import data_of_fits, recession_model
from analytics.regimes.two_states import Fit, fit_two_states
from data.lake import Lake
from data.query import At, Db
from ingest.maintenance.fit_regimes import fit_ahead
from ingest.schedule.timetable import FOLLOW_UPS
from tests.analytics.months import describe, keep, known, month


@pytest.fixture
def at(tmp_path: Path, rng: random.Random) -> At:
    """Ten years of production that is weak now and then, and prices."""
    lake = Lake(tmp_path / "desk" / "lake", workspace="desk")
    describe(lake, {"IP": "index", "cpi": "index"})
    level, weak = 100.0, False
    values = {}
    for number in range(120):
        weak = weak if rng.random() < 0.92 else not weak
        level *= 1 + (-0.004 if weak else 0.002) + rng.gauss(0, 0.001)
        values[month(number)] = level
    keep(lake, "IP", dict(values))
    keep(lake, "cpi", {month(number): 100.0 + number for number in range(120)})
    return Db(lake.root, threads=1).at(known(month(119)))


def forget() -> None:
    """As a process that has just begun."""
    kept_fit.cache_clear()
    fit_two_states.cache_clear()
    HISTORIES.clear()


def refuse(data: bytes) -> tuple[Fit | None, str | None]:
    raise AssertionError("nothing has to be fitted")


def test_what_was_fitted_ahead_is_read(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = recession_model(at, country="USA").frame
    assert plain["p_filtered"].drop_nulls().len() > 20
    assert not fits_folder(at).exists(), "who reads writes nothing"
    done = fit_ahead(at, span_s=60)
    count = len(data_of_fits(at, "USA"))
    assert (done.status, done.message) == ("ok", f"{count} fits made")
    assert len(list(fits_folder(at).iterdir())) == count > 2
    assert fit_ahead(at, span_s=60).status == "empty"
    forget()
    monkeypatch.setattr(kept_fits, "fit_two_states", refuse)
    assert recession_model(at, country="USA").frame.equals(plain)


def test_a_file_that_is_not_as_it_was_written_is_made_anew(at: At) -> None:
    plain = recession_model(at, country="USA").frame
    fit_ahead(at, span_s=60)
    files = sorted(fits_folder(at).iterdir())
    files[0].write_bytes(files[0].read_bytes()[:-20])
    files[1].write_text(files[1].read_text().replace('"stay": [0.', '"stay": [0.1'))
    files[2].write_bytes(b"\xff\x00")
    forget()
    assert recession_model(at, country="USA").frame.equals(plain)
    done = fit_ahead(at, span_s=60)
    assert done.message == "3 fits made"
    assert fit_ahead(at, span_s=60).status == "empty"


def test_another_library_makes_its_own(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    fit_ahead(at, span_s=60)
    monkeypatch.setattr(kept_fits, "version", lambda name: "0.0")
    forget()
    assert fit_ahead(at, span_s=60).status == "ok"


def test_new_prints_are_fitted_at_once() -> None:
    assert "house.regimes" in FOLLOW_UPS["macro"]


def test_what_the_time_did_not_suffice_for_is_left_to_the_next_run(at: At) -> None:
    done = fit_ahead(at, span_s=0)
    assert done.message == "0 fits made, 1 countries left"
    assert fit_ahead(at, span_s=60).status == "ok"
