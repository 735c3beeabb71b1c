"""The receipts of the panels give the same figures in another process, on a lake that has moved."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import called, function_named
from analytics.markets.correlation_map import correlation_map
from analytics.markets.market import market
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import LIMIT, kind_of, make_receipt
from data.query import Answer, Db
from data.settings import Settings
from pages.frame.cached import AnalyticCall, observe
from pages.frame.nav import PAGES
from tests import tiers
from tests.pages import browse, world
from tests.pages.examples import addresses

ROOT = Path(__file__).resolve().parents[2]
Saved = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A workspace whose lake moves away after its pages were looked at."""
    held = world.build(tmp_path_factory.mktemp("told"))
    world.add_economy(held)
    return held


@pytest.fixture(scope="module")
def answers(settings: Settings) -> Mapping[str, Answer]:
    """The fullest answer to every question that a page asks."""
    found: dict[str, Answer] = {}

    def hear(call: AnalyticCall) -> None:
        if call.answer is not None and (
            call.name not in found or found[call.name].frame.height < call.answer.frame.height
        ):
            found[call.name] = call.answer

    with observe(hear):
        for page in PAGES:
            for address in ({}, *filter(None, addresses(page))):
                browse.visit(settings, page.name, **address)
    return found


@pytest.fixture(scope="module")
def receipts(answers: Mapping[str, Answer]) -> Saved:
    """Their receipts, as they come back from files."""
    return {name: json.loads(json.dumps(make_receipt(one))) for name, one in answers.items()}


def run_again(folder: Path, lake: Path, receipts: Saved) -> list[dict[str, str]]:
    """What the command says of these receipts in a process of its own."""
    files = []
    for name, receipt in receipts.items():
        files.append(str(folder / f"{name}.json"))
        Path(files[-1]).write_text(json.dumps(receipt))
    words = ["-m", "scripts.receipt", "--lake", str(lake), "--format", "csv", *files]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode in (0, 5), done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_every_panel_is_the_same_in_another_process_on_a_moved_lake(
    settings: Settings, receipts: Saved, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "desk"
    shutil.copytree(settings.root, moved)
    assert len(receipts) >= 40
    drawn = tiers.daily(sorted(receipts), 6, "tests/pages/test_panel_receipts.py, receipts")
    chosen = {name: receipts[name] for name in drawn}
    told = run_again(tmp_path, moved / settings.lake.relative_to(settings.root), chosen)
    assert [line for line in told if line["verdict"] != "same"] == []
    assert len({line["receipt"] for line in told}) == len(chosen)
    figures = sum(line["part"] == "figure" for line in told)
    assert figures >= (30 if tiers.is_night() else len(chosen) // 3)


def test_each_says_its_kind_and_no_place_on_this_disk(
    settings: Settings, answers: Mapping[str, Answer], receipts: Saved
) -> None:
    for name, receipt in receipts.items():
        by_function = answers[name].derived is not None
        assert receipt["kind"] == ("SQL and function" if by_function else "SQL"), name
        assert ("function" in receipt["figure"]) is by_function, name
        assert str(settings.root) not in json.dumps(receipt), name


def test_a_figure_of_kind_sql_is_what_its_query_gives(answers: Mapping[str, Answer]) -> None:
    for name, answer in answers.items():
        if kind_of(answer) == "SQL":
            assert answer.frame.equals(answer.asked[-1].frame), name


def test_one_altered_digit_of_a_figure_is_found(settings: Settings, receipts: Saved) -> None:
    found = 0
    for name, receipt in receipts.items():
        values = receipt["figure"].get("result", {}).get("values", [])
        place = next(
            (
                (y, x)
                for y, row in enumerate(values)
                for x, one in enumerate(row)
                if isinstance(one, float) and one not in (0.0, 1.0)
            ),
            None,
        )
        if place is None:
            continue
        wrong = json.loads(json.dumps(receipt))
        wrong["queries"] = []
        row, column = place
        wrong["figure"]["result"]["values"][row][column] *= 1 + 1e-6
        (verdict,) = verify(wrong, settings.lake, function_named)
        assert not verdict.same, name
        assert "rows differ" in verdict.note, name
        found += 1
    assert found >= 20


def test_a_function_that_answers_otherwise_is_found(settings: Settings, receipts: Saved) -> None:
    """The positive control: the inputs are the same and the figure is not."""
    name = "analytics.correlation_map"

    def off(at: Any, **params: Any) -> Answer:
        answer = correlation_map(at, **params)
        bent = answer.frame.with_columns(pl.col("correlation") * (1 - 1e-9))
        return answer.derive(bent, "bent")

    *inputs, figure = verify(receipts[name], settings.lake, lambda _: off)
    assert all(item.same for item in inputs)
    assert not figure.same


def test_a_large_input_weighs_no_more(settings: Settings) -> None:
    db = Db(settings.lake, threads=2)
    at = db.at(world._at(world.last_day()))
    small = called(market, at, sessions=1, currency="USD")
    whole = json.dumps(make_receipt(small, whole=True))
    assert len(json.dumps(make_receipt(small))) < LIMIT
    assert json.loads(whole)["left_out"] == []
    assert "values" in json.loads(whole)["queries"][0]["result"]
    db.close()


@pytest.mark.parametrize("name", ["analytics.correlation_map", "analytics.event_list"])
def test_it_is_the_same_once_more_came_and_the_old_files_went(
    receipts: Saved, settings: Settings, name: str, tmp_path: Path
) -> None:
    shutil.copytree(settings.root, tmp_path / "desk")
    root = tmp_path / "desk" / settings.lake.relative_to(settings.root)
    lake = Lake(root, workspace=settings.workspace)
    for dataset, rows in (("prices", world._prices), ("events", None)):
        db = Db(root, threads=1)
        frame = db.at(world.utc_now()).sql(f"FROM {dataset}").frame
        shown = set(frame.columns)
        old = pl.DataFrame(frame.to_dicts(), schema=frame.schema)
        column = "close" if rows else "title"
        bent = pl.col(column) + 1.0 if rows else pl.col(column) + " again"
        later = old.with_columns(bent.alias(column), pl.lit(world.utc_now()).alias("known_at"))
        kept = [name for name in later.columns if name in shown - {"ingested_at", "year"}]
        lake.upsert(dataset, later.select(kept))
        db.close()
        for path in (root / dataset).rglob("*.parquet"):
            live = {entry.file for entry in _manifest(root, dataset).files}
            if str(path.relative_to(root / dataset)) not in live:
                path.unlink()
    verdicts = verify(receipts[name], root, function_named)
    assert [item.note for item in verdicts if not item.same] == []
    assert any("with what was ingested since left out" in item.note for item in verdicts)


def _manifest(root: Path, dataset: str) -> Any:
    from data.lake.manifest import read_manifest
    from data.lake.store import DiskStore

    return read_manifest(DiskStore(root), dataset)


def test_bad_receipts_are_one_sentence(settings: Settings, receipts: Saved, tmp_path: Path) -> None:
    name = "analytics.correlation_map"
    gone = json.loads(json.dumps(receipts[name]))
    gone["figure"]["function"] = "analytics.no_longer"
    *_, figure = verify(gone, settings.lake, function_named)
    assert figure.note == ("failed: there is no function 'analytics.no_longer' in this version")
    gone["figure"]["function"] = "os.system"
    *_, figure = verify(gone, settings.lake, function_named)
    assert "there is no function" in figure.note
    shutil.copytree(settings.root, tmp_path / "desk")
    root = tmp_path / "desk" / settings.lake.relative_to(settings.root)
    path = next((root / "prices").rglob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    for _ in ("altered", "gone"):
        prices, *_, figure = verify(receipts[name], root, function_named)
        assert {prices.same, figure.same} == {False}
        assert prices.note.startswith("altered since: prices/"), prices.note
        path.unlink(missing_ok=True)
