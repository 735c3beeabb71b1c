"""The nightly archives of EDGAR, loaded member by member."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.errors import SourceError
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from scripts.load_edgar import load
from tests.ingest.sources.test_sec_edgar_protocol import columns, edgar, income, row

AT = datetime(2200, 1, 1, tzinfo=UTC)
ONE, TWO = "CIK0000000001", "CIK0000000002"


def archive(path: Path, **members: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            text = content if isinstance(content, str) else json.dumps(content)
            made.writestr(f"{name}.json", text)
    return path


def facts(cik: int, accn: str) -> dict[str, Any]:
    units = {"units": {"USD": [income(70.0, accn, "2023-02-01")]}}
    return {"cik": cik, "facts": {"us-gaap": {"NetIncomeLoss": units}}}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Lake, Settings]]:
    chosen = Settings.from_env("test", {"DATA_DIR": str(tmp_path / "var")})
    yield Lake(chosen.lake, workspace="test", memory_limit_mb=256), chosen


def known(chosen: Settings) -> list[tuple[Any, ...]]:
    with closing(Db(chosen.lake, memory_limit_mb=256, threads=1)) as db:
        sql = "SELECT company, value, known_at, vintage_grade FROM fundamentals ORDER BY company"
        return list(db.at(AT).sql(sql).frame.iter_rows())


def test_accounts_are_dated_by_the_submissions_before_them(
    desk: tuple[Lake, Settings], tmp_path: Path
) -> None:
    lake, chosen = desk
    older = columns([row("old", "2009-02-02", "10-K", "2008-12-31")])
    pages = {ONE: edgar().profile(), f"{ONE}-submissions-001": older, "placeholder": "x"}
    told = load(lake, chosen, archive(tmp_path / "submissions.zip", **pages), ())
    assert (told["members"], told["refused"]) == (2, 0)
    accounts = {
        ONE: facts(1, "0000000001-23-000001"),
        TWO: facts(2, "0000000002-23-000001"),
        "CIK0000000003": {"cik": 3, "facts": {}},
        "CIK0000000004": '{"cik": 4, "fac',
    }
    path = archive(tmp_path / "companyfacts.zip", **accounts)
    told = load(lake, chosen, path, ())
    assert told == {
        "file": "companyfacts.zip",
        "loaded_before": 0,
        "members": 4,
        "empty": 1,
        "refused": 1,
        "rows_added": 2,
        "vintages_added": 0,
    }
    assert known(chosen) == [
        ("sec:0000000001", 70.0, datetime(2023, 2, 1, 21, 5, tzinfo=UTC), "native"),
        ("sec:0000000002", 70.0, datetime(2023, 2, 2, 3, 0, tzinfo=UTC), "lagged"),
    ]
    again = load(lake, chosen, path, ("2",))
    assert (again["members"], again["rows_added"], again["vintages_added"]) == (1, 0, 0)


def test_a_cut_archive_is_named(desk: tuple[Lake, Settings], tmp_path: Path) -> None:
    whole = archive(tmp_path / "companyfacts.zip", **{ONE: facts(1, "0000000001-23-000001")})
    cut = tmp_path / "cut_companyfacts.zip"
    cut.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(SourceError, match="damaged or cut"):
        load(*desk, cut, ())
    with pytest.raises(SourceError, match="does not exist"):
        load(*desk, tmp_path / "none.zip", ())
