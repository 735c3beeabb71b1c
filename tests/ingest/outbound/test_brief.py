"""The daily brief: the same for the same clock, once a day, and nothing made up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.clock import iso, utc_now
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import alerts, briefs, rules, watchlists
from data.state.alerts import Firing
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from data.state.watchlists import Member
from ingest.outbound.brief import (
    BriefHour,
    as_html,
    as_text,
    build,
    read_hour,
    send_brief,
    title_of,
)
from ingest.schedule.timetable import timetable
from tests.ingest.outbound.smtp_server import MailServer, mail_server
from tests.ingest.outbound.webhook_server import webhook
from tests.pages import world

DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    mail = {"mail_from": "barograph@desk.test", "mail_to": ("ann@desk.test",)}
    return replace(world.build(tmp_path), brief_at="22:00 UTC", **mail)  # type: ignore[arg-type]  # a table of settings


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    made = State.open(settings.state)
    yield made
    made.close()


def evening(back: int = 0) -> datetime:
    """22:00 of the world's last session, or of a day before it."""
    return datetime.combine(world.last_day() - back * DAY, time(22, tzinfo=UTC))


def brief(settings: Settings, state: State, as_of: datetime, span: timedelta = DAY) -> str:
    sections = build(settings, state, (as_of, as_of - span), "UTC")
    return as_text(title_of(settings, as_of, "UTC"), sections)


def at(settings: Settings, server: MailServer) -> Settings:
    return replace(settings, smtp_server=f"127.0.0.1:{server.port}")


def test_the_same_clock_gives_the_same_words_whatever_comes_later(
    settings: Settings, state: State
) -> None:
    as_of = evening(20)
    first = brief(settings, state, as_of, 30 * DAY)
    assert first == brief(settings, state, as_of, 30 * DAY)
    assert "Revision: Consumer prices" in first
    symbol = "demo:equity0"
    edit = Edit("tester", as_of + DAY)
    watchlists.create(state, "Later", [Member(symbol)], edit=edit)
    rule = rules.create(state, Terms("Later", {"metric": "price"}), edit=edit)
    firing = Firing(rule.id, 1, "later", symbol, "price", as_of + DAY)
    alerts.insert(state, firing, now=as_of + DAY)
    lake = Lake(settings.lake, workspace=settings.workspace)
    row = {
        "symbol": symbol,
        "date": (as_of - DAY).date(),
        "asset_class": "equity",
        "close": 1.0,
        "currency": "USD",
        "known_at": as_of + timedelta(seconds=1),
        "source": "demo",
    }
    lake.upsert("prices", world.rows("prices", [row]), publish_id="later")
    assert brief(settings, state, as_of, 30 * DAY) == first
    assert brief(settings, state, as_of + 2 * DAY, 30 * DAY) != first


def test_moves_are_those_of_the_closes_and_releases_have_both_figures(
    settings: Settings, state: State
) -> None:
    as_of = evening()
    db = Db(settings.lake, memory_limit_mb=256, threads=1)
    sql = "SELECT date, close FROM prices WHERE symbol = 'demo:equity1' ORDER BY date DESC LIMIT 2"
    (day, last), (_, before) = db.at(as_of).sql(sql).frame.rows()
    release = db.at(as_of).sql(
        "SELECT min(scheduled_at) AS at FROM releases WHERE actual IS NULL AND scheduled_at > $now",
        now=as_of,
    )
    db.close()
    said = brief(settings, state, as_of)
    move = f"{100 * (last / before - 1):+.2f} %".replace("-", "−")
    assert f"{move}, " in said
    assert f"close {last:,.6g} USD on {day:%d %b}" in said
    scheduled = release.frame["at"].item()
    due = brief(settings, state, scheduled - timedelta(hours=3))
    line = f"- {scheduled:%d %b %H:%M} Germany: CPI DEU (index), consensus 100, "
    assert line in due
    assert line not in brief(settings, state, scheduled - timedelta(hours=25))


def test_alerts_are_those_since_the_brief_before(settings: Settings, state: State) -> None:
    alert = alerts.known(state, as_of=utc_now())[0]
    known = alert.shown_at
    assert "(Last price 101.5, trigger 1)" in brief(settings, state, known + timedelta(hours=1))
    assert "- No alert." in brief(settings, state, known - timedelta(seconds=1))
    assert "- No alert." in brief(settings, state, known + DAY + timedelta(hours=1))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    empty = world.settings(tmp_path)
    state = State.open(empty.state)
    said = brief(empty, state, evening())
    assert "- No watchlist has been saved.\n" in said
    assert "- No release is on the calendar.\n" in said
    assert "- No data were published.\n" in said
    assert "- No alert.\n" in said
    edit = Edit("tester", evening(1))
    watchlists.create(state, "Odd", [Member("x:gone"), Member("x:other")], edit=edit)
    watchlists.create(state, "None", [], edit=edit)
    said = brief(empty, state, evening())
    assert "- Odd: no daily move in the last week for x:gone, x:other." in said
    assert "- None: the list is empty." in said
    state.close()


def test_it_goes_out_once_a_day_also_after_a_restart(settings: Settings) -> None:
    with mail_server() as server:
        chosen, told = at(settings, server), []
        for now in (
            evening(1) + timedelta(minutes=3),
            evening(1) + timedelta(minutes=8),
            evening() - timedelta(minutes=1) - timedelta(hours=11),
            evening() - timedelta(minutes=1),
            evening(),
            evening() + timedelta(hours=2),
        ):
            state = State.open(settings.state)  # as after a restart
            told.append(send_brief(chosen, state, now).status)
            state.close()
    assert told == ["ok", "empty", "empty", "empty", "ok", "empty"]
    assert len(server.mails) == 2
    mail = server.mails[1]
    assert mail["Subject"] == f"DEMO Barograph brief, {evening():%a %d %b %Y %H:%M} UTC"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Watchlists" in text.splitlines()
    assert "<h2>Watchlists</h2>" in html


def test_a_brief_half_a_day_late_is_not_sent(settings: Settings, state: State) -> None:
    with mail_server() as server:
        late = send_brief(at(settings, server), state, evening() + timedelta(hours=12, minutes=1))
    assert (late.status, server.mails) == ("empty", [])
    assert late.message == f"the brief of {iso(evening())} is too late to be sent"


def test_a_mailbox_that_refuses_or_waits(settings: Settings, state: State) -> None:
    grey = MailServer(answers={"RCPT": ["451 later"]})
    with mail_server(grey) as server:
        first = send_brief(at(settings, server), state, evening())
        assert first.status == "partial" and "451 later" in first.message
        again = send_brief(at(settings, server), state, evening() + timedelta(minutes=5))
        assert (again.status, len(server.mails)) == ("ok", 1)
    refusing = MailServer(by_mailbox={"ann@desk.test": "550 no such user"})
    with mail_server(refusing) as server:
        no = send_brief(at(settings, server), state, evening() + DAY)
        assert no.message.endswith(
            "given up; mailbox ann@desk.test refused the message (550 no such user)"
        )
        later = send_brief(at(settings, server), state, evening() + DAY + timedelta(minutes=5))
        assert later.status == "empty"
    found = briefs.read(state, evening() + DAY, "email")
    assert found is not None and found.status == "given up"


def test_without_a_mail_server_it_goes_to_slack(
    settings: Settings,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ConfigError, match="set SMTP_SERVER for e-mail, or SLACK_WEBHOOK"):
        send_brief(settings, state, evening())
    with webhook(200) as (address, heard):
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        assert send_brief(settings, state, evening()).status == "ok"
        assert send_brief(settings, state, evening()).status == "empty"
    (posted,) = heard
    assert posted.body["text"].startswith("DEMO Barograph brief")
    dry = replace(settings, smtp_server="dry-run")
    with caplog.at_level(logging.INFO):
        assert send_brief(dry, state, evening()).message.endswith("dry run")
    assert "Watchlists" in caplog.text


def test_words_of_data_are_no_markup(settings: Settings, state: State) -> None:
    alert = alerts.known(state, as_of=utc_now())[0]
    as_of = alert.shown_at + timedelta(hours=1)
    sections = build(settings, state, (as_of, as_of - DAY), "UTC")
    html = as_html("A & B", sections)
    assert "Dear &lt;b&gt;coin&lt;/b&gt;" in html and "<b>" not in html
    assert "<h1>A &amp; B</h1>" in html


def test_the_hour_is_that_of_the_zone_also_when_summer_time_ends() -> None:
    hour = read_hour("07:00 Europe/Berlin")
    summer = datetime(2026, 10, 24, 5, tzinfo=UTC)
    winter = datetime(2026, 10, 25, 6, tzinfo=UTC)
    assert hour.last(winter) == (winter, summer)
    assert hour.last(winter - timedelta(seconds=1)) == (summer, summer - DAY)
    assert read_hour("07:00") == BriefHour(time(7), "UTC")
    for odd in ("7", "25:00", "07:00 Nowhere/Land", "soon", "07:00 ../../etc"):
        with pytest.raises(ConfigError, match="expected an hour and its zone"):
            read_hour(odd)


def test_the_job_runs_only_where_an_hour_is_set(settings: Settings, state: State) -> None:
    def jobs(hour: str | None) -> set[str]:
        given = replace(settings, brief_at=hour)
        return {task.name for task in timetable(given, (), lambda name: None).tasks}

    assert jobs("07:00") - jobs(None) == {"house.brief"}
    off = replace(settings, brief_at=None)
    assert send_brief(off, state, evening()).status == "skipped"


def test_more_than_fits_is_counted(settings: Settings, state: State) -> None:
    members = [Member(f"x:{number}") for number in range(5_000)]
    watchlists.create(state, "Long", members, edit=Edit("tester", evening(1)))
    said = brief(settings, state, evening())
    assert "x:7 and 4992 more." in said
    assert max(map(len, said.splitlines())) < 300
    assert pl.Series(said.splitlines()).len() < 120


def test_an_alert_that_was_recorded_late_is_in_the_brief_after_it(
    settings: Settings, state: State
) -> None:
    """The monitor was down over the hour of a brief and wrote down later what had fired before."""
    as_of = evening(20)
    edit = Edit("tester", as_of - 9 * DAY)
    rule = rules.create(state, Terms("Found later", {"metric": "price"}), edit=edit)
    hour = timedelta(hours=1)
    firing = Firing(
        rule.id,
        1,
        "late",
        "demo:equity0",
        "price",
        as_of - DAY - hour,
        context={"rule": "Found later"},
    )
    alerts.insert(state, firing, now=as_of - DAY + hour)
    said = [brief(settings, state, as_of + back * DAY) for back in (-1, 0, 1)]
    assert ["Found later" in words for words in said] == [False, True, False]
