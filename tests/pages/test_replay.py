"""Replay: what it shows at each frame, what follows its clock, what it refuses and gives away."""

from __future__ import annotations

import io
import json
import socket
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from data.state import notes
from data.state.db import State
from data.state.values import Edit
from pages.frame.cached import AnalyticCall, observe
from pages.replaying.window import ReplayWindow, read_window
from tests.pages import browse, shredder, world
from tests.pages.replayed import DAY, LAST, SYMBOL, WINDOW, played, stamp, visit


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A world that the tests add notes to, and no more."""
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_delisted(built)
    return built


def test_the_stage_holds_the_frames_of_the_window_and_each_hash(settings: Settings) -> None:
    document = played(visit(settings))
    assert document["moments"] == sorted(document["moments"])
    assert len(set(document["hashes"])) == len(document["moments"]) > 60
    assert [item["name"] for item in document["series"]] == ["equity0", "fx4"]
    lead = document["series"][0]
    moments = [document["moments"][frame] for frame in lead["f"]]
    assert all(known >= about for known, about in zip(moments, lead["t"], strict=True))
    assert {one["kind"] for one in document["events"]} >= {"event", "release"}
    assert document["mark"] == "DEMO · invented data"


def test_a_past_clock_cuts_the_window_and_its_frames_stay_the_same(settings: Settings) -> None:
    whole = played(visit(settings))
    clock = LAST - 30 * DAY
    app = visit(settings, as_of=iso(clock))
    cut = played(app)
    assert cut["hashes"] == whole["hashes"][: len(cut["hashes"])]
    assert cut["moments"][-1] <= stamp(clock) < whole["moments"][len(cut["moments"])]
    assert "ends at the clock" in browse.text(app)


def test_the_whole_workstation_follows_and_comes_back(settings: Settings) -> None:
    moment = LAST - 40 * DAY
    app = visit(settings, moment=iso(moment))
    app.toggle(key="replay_follow").set_value(True).run()
    assert browse.asked(app) == iso(moment)
    assert browse.asked(app, "replay") == WINDOW.text()
    assert browse.asked(app, "window") is None
    assert played(app)["hashes"] == played(visit(settings))["hashes"]
    app = browse.turn(app, "heatmaps")
    assert browse.asked(app) == iso(moment)
    assert browse.asked(app, "replay") == WINDOW.text()
    app.button(key="step-day-forward").click().run()
    app = browse.turn(app, "replay")
    assert browse.asked(app) == iso(moment + DAY)
    assert played(app)["at"] == stamp(moment + DAY)
    app.toggle(key="replay_follow").set_value(False).run()
    assert browse.asked(app) is None
    assert browse.asked(app, "window") == WINDOW.text()
    assert browse.asked(app, "moment") == iso(moment + DAY)


def test_now_leaves_the_replay(settings: Settings) -> None:
    app = browse.visit(settings, "movers", as_of=iso(LAST - DAY), replay=WINDOW.text())
    app.button(key="step-now").click().run()
    assert browse.asked(app) is None
    assert browse.asked(app, "replay") is None


@pytest.mark.sampled(2)
@pytest.mark.parametrize("stage", ["chart", "heatmap"])
def test_the_shredder_at_every_tenth_frame(settings: Settings, stage: str, tmp_path: Path) -> None:
    """Following, only the stage has what lies ahead; all else on the page is of its moment."""
    moments = played(visit(settings))["moments"]
    for number in range(5, len(moments), 10):
        clock = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moments[number])
        address = {"replay": WINDOW.text(), "as_of": iso(clock), "stage": stage}
        whole, torn = (
            _asked(held, address)
            for held in (settings, shredder.shred(settings, clock, tmp_path / str(number)))
        )
        assert [call.name for call in whole] == [call.name for call in torn]
        for one, other in zip(whole, torn, strict=True):
            assert one.answer is not None
            assert other.answer is not None
            mine, theirs = one.answer.frame, other.answer.frame
            if "known_at" in mine.columns:
                mine = mine.filter(pl.col("known_at") <= clock)
                theirs = theirs.filter(pl.col("known_at") <= clock)
            assert mine.equals(theirs), one.name


def _asked(settings: Settings, address: dict[str, str]) -> list[AnalyticCall]:
    calls: list[AnalyticCall] = []
    with observe(calls.append):
        assert not browse.visit(settings, "replay", **address).exception
    return [call for call in calls if call.name.endswith("replay")]


def test_a_note_is_dated_by_both_clocks(settings: Settings) -> None:
    moment = LAST - 50 * DAY
    app = visit(settings, moment=iso(moment))
    app.text_input(key="replay_note").set_value("=here it <b>broke</b>").run()
    app.button(key="replay_keep").click().run()
    assert "=here it &lt;b&gt;broke&lt;/b&gt;" in browse.text(app)
    past = visit(settings, as_of=iso(LAST - DAY))
    assert "broke" not in browse.text(past)
    assert "shown at Now" in browse.text(past)
    app.button(key="replay_withdraw").click().run()
    assert "broke" not in browse.text(app)
    state = State.open(settings.state)
    row = state.row("SELECT written_at FROM note ORDER BY id DESC LIMIT 1", ())
    assert row is not None
    clock = datetime.fromisoformat(row["written_at"]) + timedelta(microseconds=1)
    (first,) = notes.known(state, since=moment, until=moment, as_of=clock)
    assert first.text == "=here it <b>broke</b>"
    state.close()


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("a/b", "the window 'a/b' cannot be read"),
        (WINDOW.text().replace("days", "weeks"), "expected one of ticks, minutes, days"),
        (WINDOW.text().replace("demo:equity0 demo:fx4", ""), "0 instruments"),
        (WINDOW.text().replace("days", "ticks"), "take a coarser scale or a shorter window"),
        (ReplayWindow(LAST, LAST - DAY, "days", (SYMBOL,)).text(), "not after its start"),
    ],
)
def test_what_is_no_window_is_said_and_another_shown(
    settings: Settings, window: str, words: str
) -> None:
    app = browse.visit(settings, "replay", window=window)
    assert not app.exception
    assert any(words in sentence.replace("&#x27;", "'") for sentence in browse.sentences(app))
    assert played(app)["moments"]


@pytest.mark.parametrize(
    ("window", "words"),
    [
        # No trades are kept that far back: what is held is said, and other scales are offered.
        (
            ReplayWindow(
                LAST - 400 * DAY, LAST - 400 * DAY + timedelta(minutes=10), "ticks", (SYMBOL,)
            ),
            "Nothing is held by half second",
        ),
        # Two hours of half seconds are more than the eye can tell apart.
        (
            ReplayWindow(LAST - DAY / 12, LAST, "ticks", (SYMBOL,)),
            "thinned for the eye into bars of 3 s; every figure rests on every trade",
        ),
        # Before everything.
        (
            ReplayWindow(
                datetime(1999, 1, 1, tzinfo=UTC),
                datetime(1999, 3, 1, tzinfo=UTC),
                "days",
                (SYMBOL,),
            ),
            "By day all is held from",
        ),
        # Beyond the data.
        (ReplayWindow(LAST - 5 * DAY, LAST + 300 * DAY, "days", (SYMBOL,)), "ends at the clock"),
        # Nobody knows it.
        (ReplayWindow(LAST - 5 * DAY, LAST, "days", ("demo:NOBODY",)), "Nothing is held by day"),
    ],
)
def test_a_window_without_much_in_it_says_so(
    settings: Settings, window: ReplayWindow, words: str
) -> None:
    app = visit(settings, window)
    assert words in browse.text(app)
    assert app.button(key="replay_by_minutes" if window.scale != "minutes" else "replay_by_days")


def test_an_empty_lake_says_what_fills_the_stage(tmp_path: Path) -> None:
    app = browse.visit(world.settings(tmp_path), "replay")
    assert any("no rows yet" in sentence for sentence in browse.sentences(app))


def test_another_scale_is_the_same_moment(settings: Settings) -> None:
    centre = LAST - 20 * DAY
    narrow = (centre - DAY / 288, centre + DAY / 288)
    app = visit(settings, ReplayWindow(*narrow, "ticks", (SYMBOL,), "USA", centre))
    app.button(key="replay_by_days").click().run()
    assert (
        browse.asked(app, "window")
        == ReplayWindow(
            centre - 45 * DAY, centre + 45 * DAY, "days", (SYMBOL,), "USA", centre
        ).text()
    )


def test_a_delisted_instrument_ends_and_its_end_is_told(settings: Settings) -> None:
    app = visit(settings, ReplayWindow(LAST - 120 * DAY, LAST, "days", ("demo:gone", SYMBOL)))
    document = played(app)
    gone, stays = document["series"]
    assert gone["t"][-1] < stays["t"][-1]
    assert document["moments"][-1] - gone["t"][-1] > document["old"]  # said as old by the legend


def test_an_event_without_a_time_of_day_is_shown_no_more_exactly(settings: Settings) -> None:
    lake = Lake(settings.lake, workspace="demo")
    known = LAST - 10 * DAY
    lake.upsert(
        "events",
        world.rows(
            "events",
            [
                {
                    "event_id": f"vague {word}",
                    "event_at": known - DAY,
                    "precision": word,
                    "kind": "vague",
                    "title": f"some {word}",
                    "symbols": [SYMBOL],
                    "known_at": known,
                    "source": "demo",
                }
                for word in ("day", "month")
            ],
        ),
        publish_id="vague",
    )
    told = {one["text"]: one["about"] for one in played(visit(settings))["events"]}
    assert told["some day"].endswith("(day)")
    assert told["some month"] == (known - DAY).strftime("%B %Y")


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize(
    "middle",
    [
        datetime(2026, 3, 8, 7, tzinfo=UTC),
        datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 1, 6, tzinfo=UTC),
    ],
)
def test_trades_across_midnight_a_year_and_a_change_of_the_clocks(
    tmp_path: Path, zone: str, middle: datetime
) -> None:
    held = world.settings(tmp_path)
    world.add_ticks(held, middle + timedelta(minutes=5), minutes=12)
    symbols = ("demo:AAAUSD", "demo:BBBUSD")
    reach = timedelta(minutes=5)
    app = visit(
        held, ReplayWindow(middle - reach, middle + reach, "ticks", symbols, "", middle), tz=zone
    )
    document = played(app)
    assert document["zone"] == zone
    gaps = [b - a for a, b in zip(document["moments"], document["moments"][1:], strict=False)]
    assert len(document["moments"]) > 1_100
    assert max(gaps) <= 3_000


def test_a_clock_before_the_window_it_follows_shows_none_of_it(settings: Settings) -> None:
    early = iso(WINDOW.start - DAY)
    app = browse.visit(settings, "replay", replay=WINDOW.text(), as_of=early)
    assert not app.exception
    assert "stands before the window" in browse.text(app)
    assert not [item for item in app.get("bidi_component") if item.proto.component_name == "player"]


def test_nothing_goes_out_while_a_window_plays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay reads: the state has no alert, no wish and no message more than before."""

    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        assert isinstance(address, str), f"a replay called out to {address}"
        connect(self, address)  # the bus of the house, at a path

    state = State.open(settings.state)
    every = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    tables = [row["name"] for row in state.rows(every, ())]
    count = partial(_counted, state, tables)
    before = count()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for number in range(0, 90, 15):
        moment = iso(LAST - number * DAY)
        assert not browse.visit(settings, "replay", replay=WINDOW.text(), as_of=moment).exception
    assert count() == before
    state.close()


def _counted(state: State, tables: list[str]) -> dict[str, int]:
    return {name: state.rows(f"SELECT count(*) AS n FROM {name}", ())[0]["n"] for name in tables}


def test_what_is_taken_away_is_whole_and_harmless(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = LAST - 50 * DAY
    state = State.open(settings.state)
    hostile = '</script><script>alert("x")</script>'
    notes.write(state, moment, hostile, symbols=(SYMBOL,), edit=Edit("tester", LAST))
    state.close()
    made: dict[str, bytes] = {}

    def press(label: str, make: Callable[[], bytes], *_: str, key: str, **__: str) -> None:
        if key.startswith("get-replay-"):
            made[key.removeprefix("get-replay-")] = make()

    monkeypatch.setattr("streamlit.download_button", press)
    visit(settings)
    page = made["html"].decode()
    assert hostile not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    with zipfile.ZipFile(io.BytesIO(made["zip"])) as parcel:
        assert sorted(parcel.namelist()) == [
            "README.txt",
            "frames.csv",
            "frames.parquet",
            "notes.csv",
            "receipt.json",
            "replay.html",
        ]
        frames = pl.read_parquet(io.BytesIO(parcel.read("frames.parquet")))
        receipt = json.loads(parcel.read("receipt.json"))
        assert parcel.read("replay.html") == made["html"]
        assert hostile in parcel.read("notes.csv").decode().replace('""', '"')
    assert {"known_at", "sequence", "kind", "close"} <= {*frames.columns}
    assert frames.filter(kind="bar").height > 100
    assert receipt["queries"]
    assert receipt["window"] == WINDOW.text()


@pytest.mark.parametrize("source", ["Event", "Release", "Alert"])
def test_a_window_is_chosen_from_what_is_known(settings: Settings, source: str) -> None:
    app = browse.unfold(visit(settings, as_of=iso(LAST)), "replay_window")

    app.session_state["replay_from"] = source
    app.run()
    box = app.selectbox(key=f"replay_{source}")
    assert box.options
    box.set_value(box.options[0]).run()
    assert not app.exception
    window = read_window(browse.asked(app, "window") or "")
    assert window.centre is not None
    assert window.start < window.centre < window.end
    assert browse.asked(app, "moment") is None


def test_a_window_by_dates_is_read_in_the_zone_of_the_clock(settings: Settings) -> None:
    app = browse.unfold(visit(settings, tz="America/New_York"), "replay_window")
    app.session_state["replay_from"] = "Dates"
    app.run()
    app.text_input(key="replay_start").set_value("2026-03-02 09:30")
    app.text_input(key="replay_end").set_value("2026-04-02 09:30")
    app.button(key="FormSubmitter:replay_dates-Open").click().run()
    window = read_window(browse.asked(app, "window") or "")
    assert (window.start, window.end) == (
        datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        datetime(2026, 4, 2, 13, 30, tzinfo=UTC),
    )
    app.text_input(key="replay_start").set_value("the day before")
    app.button(key="FormSubmitter:replay_dates-Open").click().run()
    assert any("the day before" in sentence for sentence in browse.sentences(app))
