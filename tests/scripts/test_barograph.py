"""The module for scripts and notebooks: one clock, receipts, null that stays null."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair
import numpy as np
import plotly.graph_objects as go
import plotly.io
import polars as pl
import pytest

from analytics.core.catalogue import public
from data.chart_theme import DARK, DEMO_MARK, LIGHT
from data.datasets import DATASETS
from data.errors import ConfigError, QueryError, WorkstationError
from data.fields import BITEMPORAL
from pages.frame import charts as page_charts
from scripts import barograph
from scripts.barograph._checkout import use_checkout
from tests import shred
from tests.demo_fixture import DemoLake
from tests.machine import ROOT
from tests.scripts.command_line import run_command

CRASH = "2020-03-16"
CLOSES = "SELECT date, close FROM prices WHERE symbol = $symbol ORDER BY date"
# What is asked of the whole lake and of the one without a future.
ASKED: dict[str, Callable[[barograph.Handle], barograph.Result]] = {
    "rows": lambda desk: desk.sql("SELECT * EXCLUDE (ingested_at) FROM prices ORDER BY ALL"),
    "vintages": lambda desk: desk.sql(
        "SELECT * EXCLUDE (ingested_at, superseded_at) FROM macro_known ORDER BY ALL"
    ),
    "movers": lambda desk: desk.analytics.movers(sessions=5),
    "bias": lambda desk: desk.run("bias", countries=["USA", "DEU"]),
    "agenda": lambda desk: desk.analytics.agenda(back=30),
}


@pytest.fixture
def data_dir(demo_lake: DemoLake, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the workspaces, as a script finds it."""
    monkeypatch.setenv("DATA_DIR", str(demo_lake.settings.data_dir))
    return demo_lake.settings.data_dir


@pytest.fixture
def desk(data_dir: Path) -> barograph.Handle:
    """The demo workspace in the crash of March 2020."""
    return barograph.open("demo", as_of=CRASH)


@pytest.fixture
def _default_look() -> Iterator[None]:
    """The looks that were the default, given back after the test."""
    plotly_look, altair_look = plotly.io.templates.default, altair.theme.active
    yield
    plotly.io.templates.default = plotly_look
    altair.theme.enable(altair_look)


def test_a_handle_says_what_it_is(desk: barograph.Handle) -> None:
    words = repr(desk)
    assert "demo" in words and "DEMO: every number is invented" in words
    assert "as of 2020-03-16T00:00:00Z" in words and "public" in words
    assert "as of 2019-01-02T00:00:00Z" in repr(desk.at(date(2019, 1, 2)))


@pytest.mark.parametrize(
    ("clock", "moment"),
    [
        ("2020-03-16", datetime(2020, 3, 16, tzinfo=UTC)),
        ("2020-03-16T15:30+01:00", datetime(2020, 3, 16, 14, 30, tzinfo=UTC)),
        (date(2020, 3, 16), datetime(2020, 3, 16, tzinfo=UTC)),
        (datetime(2020, 3, 16, 9), datetime(2020, 3, 16, 9, tzinfo=UTC)),  # noqa: DTZ001 - as a script may give it
        (datetime(2020, 3, 16, 9, tzinfo=UTC), datetime(2020, 3, 16, 9, tzinfo=UTC)),
    ],
)
def test_a_clock_is_read_as_everywhere_in_the_house(
    data_dir: Path, clock: Any, moment: datetime
) -> None:
    opened = barograph.open(as_of=clock)
    assert opened.as_of == moment
    assert opened.at(clock).as_of == moment


@pytest.fixture(scope="module")
def without_future(demo_lake: DemoLake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace in which nothing later than the crash exists."""
    folder = tmp_path_factory.mktemp("torn")
    clock = datetime.fromisoformat(f"{CRASH}T00:00:00+00:00")
    lake = shred.shred(demo_lake.settings.lake, folder / "demo" / "lake", clock)
    shred.disguise(lake)
    return folder


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_later_is_seen_at_a_past_clock(
    desk: barograph.Handle, without_future: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """The answer is that of a lake without a future, and at a later clock another one."""
    whole = ASKED[asked](desk).polars()
    monkeypatch.setenv("DATA_DIR", str(without_future))
    torn = barograph.open("demo", as_of=CRASH)
    assert whole.height and whole.equals(ASKED[asked](torn).polars())
    assert not ASKED[asked](desk.at("2024-06-03")).polars().equals(whole)


def test_the_clock_of_the_house_sees_nothing_before_it_was_taken_in(
    desk: barograph.Handle, data_dir: Path
) -> None:
    query = "SELECT count(*) AS rows FROM prices"
    taken_in = desk.sql("SELECT min(ingested_at) AS first FROM prices").polars().item()
    early = taken_in - timedelta(seconds=1)
    before = barograph.open("demo", as_of=early, mode="house")
    assert before.sql(query).polars().item() == 0
    public = barograph.open("demo", as_of=early)
    assert public.sql(query).polars().item() > 0


def test_a_workspace_opened_again_shares_its_engine(desk: barograph.Handle) -> None:
    """The answers that analytics keep from the first handle serve the second, receipts too."""
    first = desk.analytics.movers(sessions=5).receipt()
    again = barograph.open("demo", as_of=CRASH)
    assert again.reader.db is desk.reader.db
    assert again.analytics.movers(sessions=5).receipt()["figure"] == first["figure"]


def test_another_clock_of_a_handle_reads_the_same_version(desk: barograph.Handle) -> None:
    later = desk.at("2024-01-02")
    assert later.reader.manifests is desk.reader.manifests
    counts = [len(each.sql(CLOSES, symbol="demo:IMRB")) for each in (desk, later, desk)]
    assert counts[0] == counts[2] < counts[1]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sql", lambda desk: desk.sql(CLOSES, symbol="demo:IMRB")),
        ("history", lambda desk: desk.analytics.history(symbol="demo:IMRB", since="2019-06-03")),
        ("movers", lambda desk: desk.analytics.movers(sessions=5)),
    ],
)
def test_a_receipt_runs_again_to_the_same_numbers(
    desk: barograph.Handle, data_dir: Path, tmp_path: Path, name: str, make: Any
) -> None:
    result = make(desk)
    assert len(result)
    path = result.save_receipt(tmp_path / f"{name}.json")
    assert json.loads(path.read_text()) == json.loads(json.dumps(result.receipt()))
    environment = {"DATA_DIR": str(data_dir)}
    ran = run_command("receipt", str(path), environment=environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    changed = path.read_text().replace("2020-03-16T00:00:00Z", "2019-12-02T00:00:00Z")
    path.write_text(changed)
    assert run_command("receipt", str(path), environment=environment).returncode == 5


def test_a_receipt_that_cannot_be_written_says_so(desk: barograph.Handle, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write the receipt to"):
        desk.sql("SELECT 1 AS x").save_receipt(tmp_path / "no" / "such" / "folder.json")


def test_null_stays_null_and_whole_numbers_stay_whole(desk: barograph.Handle) -> None:
    frame = desk.sql(
        "SELECT * FROM (VALUES (1, 1.5::DOUBLE, 'a', DATE '2020-01-02'), (NULL, NULL, NULL, NULL), "
        "(0, 0.0, '', DATE '1970-01-01')) AS t(n, x, word, day) ORDER BY ALL"
    ).pandas()
    assert frame.isna().sum().to_list() == [1, 1, 1, 1]
    assert frame["n"].dropna().to_list() == [0, 1]
    assert [type(value) for value in frame["n"].dropna()] == [int, int]
    assert str(frame["x"].dtype) == "double[pyarrow]"


def test_values_of_pandas_polars_and_numpy_are_taken(desk: barograph.Handle) -> None:
    wanted = ["demo:IMRB", "demo:EURUSD"]
    query = "SELECT DISTINCT symbol FROM prices WHERE list_contains($symbols, symbol) ORDER BY ALL"
    column = pl.Series(wanted)
    for symbols in (wanted, tuple(wanted), column, column.to_pandas(), np.array(wanted)):
        assert desk.sql(query, symbols=symbols).polars()["symbol"].to_list() == sorted(wanted)
    five = desk.run("movers", sessions=np.int64(5)).polars()
    assert five.equals(desk.run("movers", sessions="5").polars())


def test_every_listed_analytic_is_completed_with_its_title_and_parameters(
    desk: barograph.Handle,
) -> None:
    listed = {name: item for found in public().values() for name, item in found.items()}
    assert set(listed) < set(dir(desk.analytics))
    assert desk.analytics.table()["name"].to_list() == list(listed)
    for name, item in listed.items():
        call = getattr(desk.analytics, name)
        assert call.__name__ == name and (call.__doc__ or "").startswith(item.title)
        assert list(inspect.signature(call).parameters) == [p.name for p in item.parameters]
        assert f"  {name}: {item.title}" in repr(desk.analytics)
    assert not hasattr(desk.analytics, "_repr_html_")


def test_datasets_and_their_columns_are_listed(desk: barograph.Handle) -> None:
    assert desk.datasets()["dataset"].to_list() == list(DATASETS)
    assert desk.datasets().filter(dataset="prices")["version"].item() >= 1
    for name, dataset in DATASETS.items():
        columns = desk.columns(name)
        assert columns["column"].to_list() == dataset.schema.names
        assert columns["meaning"].str.len_chars().min() or 0 > 0
    assert set(desk.columns("macro")["column"]) >= {field.name for field in BITEMPORAL}


def test_a_result_shows_its_notes_above_its_rows(desk: barograph.Handle) -> None:
    result = desk.sql("SELECT 7 AS seven")
    assert result.notes == ("DEMO: every number is invented",)
    assert repr(result).startswith("DEMO: every number is invented\n") and "seven" in repr(result)
    HTMLParser().feed(result._repr_html_())
    assert result._repr_html_().startswith("<p>DEMO: every number is invented</p>")
    named = desk.sql("SELECT name FROM instruments")
    assert named.notes[1:] in ((), ("instruments: names and sectors may be those of today",))


def test_no_other_workspace_is_called_demo(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "desk" / "lake").mkdir(parents=True)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    opened = barograph.open("desk", as_of=CRASH)
    assert "DEMO" not in repr(opened)
    assert opened.sql("SELECT 1 AS x").notes == ()
    assert DEMO_MARK not in json.dumps(opened.plotly_theme())
    assert DEMO_MARK not in json.dumps(opened.altair_theme())


@pytest.mark.parametrize(
    ("ask", "kind", "words"),
    [
        (lambda d: d.sql("SELECT * FROM price"), QueryError, "named 'price'; did you mean prices"),
        (lambda d: d.run("mover"), ConfigError, "named 'mover'; did you mean movers"),
        (lambda d: d.run("xyzzy"), ConfigError, "named 'xyzzy'; there are market, movers"),
        (lambda d: d.analytics.mover, AttributeError, "did you mean movers"),
        (lambda d: d.run("movers", days=1), ConfigError, "no parameter 'days'; it takes sessions"),
        (lambda d: d.run("movers", sessions=1.5), ConfigError, "sessions=1.5: expected int"),
        (lambda d: d.run("movers", sessions=True), ConfigError, "sessions=True: expected int"),
        (lambda d: d.run("movers", sessions="few"), ConfigError, "sessions='few': expected int"),
        (lambda d: d.run("history", symbol=None), ConfigError, "symbol=None: expected str"),
        (lambda d: d.run("history"), ConfigError, "history needs symbol"),
        (lambda d: d.analytics.history("demo:IMRB"), ConfigError, "by name: symbol=..., since"),
        (lambda d: d.columns("price"), ConfigError, "no dataset named 'price'; there are"),
        (lambda d: d.at("2020-13-01"), ConfigError, "not an instant: '2020-13-01'; expected"),
        (lambda d: d.at(None), ConfigError, "not an instant: None; expected text, a date"),
        (lambda d: d.at(20200316), ConfigError, "not an instant: 20200316; expected text"),
        (lambda d: barograph.open("desk", as_of="now"), ConfigError, "'desk' has no data in"),
        (lambda d: barograph.open(as_of="now", mode="own"), ConfigError, "mode 'own': expected"),
        (lambda d: d.plotly_theme("pink"), ConfigError, "theme 'pink': expected dark or light"),
        (lambda d: d.sql("SELECT $x AS x"), QueryError, "parameters: x"),
    ],
)
def test_a_refusal_is_one_sentence(
    desk: barograph.Handle, ask: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as refusal:
        ask(desk)
    assert words in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_clock_must_be_given() -> None:
    with pytest.raises(TypeError, match="as_of"):
        barograph.open("demo")  # type: ignore[call-arg]  # what is tested


@pytest.mark.parametrize(
    ("missing", "ask"),
    [
        ("pandas", "desk.sql('SELECT 1 AS x').pandas()"),
        ("plotly", "desk.plotly_theme()"),
        ("altair", "desk.altair_theme()"),
    ],
)
def test_a_library_that_is_absent_is_named(data_dir: Path, missing: str, ask: str) -> None:
    """In a program whose import system does not find it; the rest works without it."""
    program = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name.partition(".")[0])
sys.meta_path.insert(0, Absent())
sys.path.append({str(ROOT / "scripts")!r})
import barograph
desk = barograph.open("demo", as_of={CRASH!r})
assert desk.sql("SELECT 1 AS x").polars().item() == 1
try:
    {ask}
except barograph.BarographError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"{missing} is not installed")
    assert ran.stdout.count("\n") == 1 and f"pip install {missing}`" in ran.stdout


@pytest.mark.usefixtures("_default_look")
@pytest.mark.parametrize(("kind", "paint"), [("dark", DARK), ("light", LIGHT)])
def test_plotly_draws_as_the_pages_do(desk: barograph.Handle, kind: Any, paint: Any) -> None:
    desk.plotly_theme(kind)
    trace = {"type": "scatter", "x": [1, 2], "y": [3, None]}
    mine, theirs = go.Figure([trace]), page_charts.draw([trace], paint, height=300)
    look, page = mine.layout.template.layout, theirs.layout
    for part in ("font", "hoverlabel", "legend", "xaxis", "yaxis"):
        assert look[part].to_plotly_json() == page[part].to_plotly_json(), part
    assert look.paper_bgcolor == paint.ground and look.colorway == paint.categorical
    (mark,) = look.annotations
    assert mark.text == DEMO_MARK and mark.name  # only a named one is drawn from a template
    marked = page_charts.watermark(theirs, paint).layout.annotations[0]
    assert mark.to_plotly_json() == marked.to_plotly_json() | {"name": mark.name}


@pytest.mark.usefixtures("_default_look")
def test_altair_draws_as_the_pages_do(desk: barograph.Handle) -> None:
    desk.altair_theme("light")
    frame = pl.DataFrame({"x": [1, 2], "y": [3.0, None]})
    chart = altair.Chart(frame).mark_line().encode(x="x:Q", y="y:Q")
    spec = chart.to_dict()
    assert spec["background"] == LIGHT.ground
    assert spec["config"]["range"]["category"] == list(LIGHT.categorical)
    assert spec["title"]["subtitle"] == DEMO_MARK
    titled = chart.properties(title=altair.Title("Own")).to_dict()["title"]
    assert titled == {"text": "Own", "subtitle": DEMO_MARK}
    assert next(iter(spec["datasets"].values()))[1]["y"] is None


def test_a_copy_without_its_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportError, match="its checkout, which are not beside it"):
        use_checkout(tmp_path)


def test_packages_of_another_checkout_are_refused(tmp_path: Path) -> None:
    for name in ("data", "analytics"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    with pytest.raises(ImportError, match="its own package `data`, but another one"):
        use_checkout(tmp_path)
    sys.path.remove(str(tmp_path))


def test_every_refusal_has_one_root() -> None:
    assert barograph.BarographError is WorkstationError
