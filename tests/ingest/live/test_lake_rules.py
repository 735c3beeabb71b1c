"""Rules on the lake: by the same engine, once for each episode, at the instant of the refresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from analytics.formulas.values import MOST_FORMULAS
from analytics.live.alert_words import title_of
from analytics.live.rules import LAKE, read_rule
from analytics.regimes.quadrants import quadrants
from data.clock import iso
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from data.quotas import read_quotas
from data.settings import Settings
from data.state import alerts, budgets, rules, runs, timetable, watchlists
from data.state.budgets import Ask
from data.state.db import State
from data.state.rules import Terms
from data.state.runs import EndStatus, Holder, Outcome
from data.state.timetable import JobLine, StoredTimetable
from data.state.values import Edit
from data.state.watchlists import Member
from ingest.live.lake_rules import MEASURED, LakeQuestion, judge_lake
from tests.demo_fixture import DemoLake
from tests.pages import world


def run_job(state: State, job: str, status: EndStatus, at: datetime) -> None:
    """A run of a posted job that ended so at an instant."""
    lines = (JobLine(job, "demo", "about", "daily"),)
    timetable.post(state, StoredTimetable(lines), edit=Edit("tester", at - timedelta(days=1)))
    begun = at - timedelta(minutes=1)
    planned = runs.plan(state, job, "demo", due_at=begun, now=begun)
    held = runs.claim(state, planned.id, Holder("tester", 1, at + timedelta(hours=1)), now=begun)
    assert held is not None
    runs.finish(state, held, Outcome(status), now=at)


@pytest.fixture
def desk(demo_lake: DemoLake, tmp_path: Path) -> Iterator[tuple[Settings, State]]:
    """The demo lake under a workspace of the test's own, with no bus."""
    root = tmp_path / "demo"
    root.mkdir()
    (root / "lake").symlink_to(demo_lake.settings.lake)
    settings = replace(demo_lake.settings, data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0")
    state = State.open(settings.state)
    yield settings, state
    state.close()


def test_every_metric_of_the_lake_is_measured(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    assert set(MEASURED) == set(LAKE)
    now = demo_lake.spec.end
    quota = read_quotas()["alpha_vantage"]
    limit = next(item for item in quota.limits if item.per == "day")
    ask = Ask("alpha_vantage", quota.window(limit, now), limit.amount, 5, limit.unit)
    budgets.reserve(desk[1], [ask])
    run_job(desk[1], "demo.demo_world", "failed", now)
    notes = {"feed": {"at": iso(now - timedelta(minutes=7))}, "archive": {"position": "0-0"}}
    formula = f'yoy("{demo_lake.at().sql("SELECT min(series_id) AS id FROM macro").frame.item()}")'
    asked = LakeQuestion(demo_lake.at(), desk[1], now, notes, formulas=(formula,))
    for name, measure in MEASURED.items():
        frame = measure(asked)
        columns = ["symbol", "value", "public_at", "only_named"]
        assert frame.columns in (columns[:2], columns[:3], columns), name
        assert frame.height > 0, name
        assert frame["symbol"].is_unique().all(), name
    used = MEASURED["budget_used"](asked)
    assert used["value"].to_list() == [5 / limit.amount]
    assert MEASURED["silent_minutes"](asked).rows() == [("feed", 7.0)]
    assert MEASURED["job_failed"](asked).rows() == [("demo.demo_world", 1.0, now)]


def test_a_rule_fires_once_and_ends_when_the_lake_says_so(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    settings, state = desk
    now = demo_lake.spec.end
    scores = MEASURED["bias"](LakeQuestion(demo_lake.at(), state, now)).sort("value")
    top, value = scores.row(-1)
    edit = Edit("tester", now - timedelta(days=1))
    rule = rules.create(
        state,
        Terms(
            "Strong",
            {"metric": "bias", "trigger": value - 0.001, "symbols": [top], "cooldown_s": 0},
        ),
        edit=edit,
    )
    rules.create(state, Terms("Odd", {"metric": "bias", "trigger": 1, "colour": 3}), edit=edit)
    first = judge_lake(settings, state, now)
    assert "1 fired" in first.message
    assert "1 rules cannot be used" in first.message
    for _ in range(2):
        assert "0 fired" in judge_lake(settings, state, now + timedelta(minutes=15)).message
    (alert,) = alerts.known(state, as_of=now)
    assert (alert.firing.symbol, alert.firing.known_at) == (top, now)
    assert alert.firing.trigger_value == pytest.approx(value)
    rules.delete(state, rule.id, edit=Edit("tester", now + timedelta(minutes=20)))
    judge_lake(settings, state, now + timedelta(minutes=30))
    (alert,) = alerts.known(state, as_of=now + timedelta(hours=1))
    assert alert.condition == "normal"


def test_a_country_that_turned_is_told_for_a_week(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    def turned(moment: datetime) -> float:
        asked = LakeQuestion(demo_lake.db.at(moment), desk[1], moment)
        frame = MEASURED["regime_turned"](asked)
        return float(frame.filter(symbol="USA")["value"].item())

    known = quadrants(demo_lake.at(), country="USA").frame.drop_nulls("quadrant")
    change = known.filter(known["quadrant"] != known["quadrant"].shift())["known_at"][-1]
    assert turned(change) == 1.0
    assert turned(change + timedelta(days=6)) == 1.0
    assert turned(change - timedelta(seconds=1)) == 0.0


@pytest.fixture
def market_desk(tmp_path: Path) -> Iterator[tuple[Settings, State]]:
    settings = replace(world.settings(tmp_path), redis_url="redis://127.0.0.1:1/0")
    state = State.open(settings.state)
    yield settings, state
    state.close()


def close_of(day: date) -> datetime:
    return datetime.combine(day, time(21, tzinfo=UTC))


def put_closes(settings: Settings, closes: list[float], last: date) -> list[date]:
    """One equity with these closes on the weekdays up to a day, each known in its evening."""
    days = [last - timedelta(days=back) for back in range(2 * len(closes))]
    days = [day for day in days if day.weekday() < 5][: len(closes)][::-1]
    lake = Lake(settings.lake, workspace=settings.workspace)
    instrument = world._instrument("demo:equity0", "equity", close_of(days[0]), "demo")
    world.put(lake, "instruments", [instrument])
    world.put(
        lake,
        "prices",
        [
            {
                "symbol": "demo:equity0",
                "date": day,
                "asset_class": "equity",
                "close": close,
                "currency": "USD",
                "known_at": close_of(day),
                "source": "demo",
            }
            for day, close in zip(days, closes, strict=True)
        ],
    )
    return days


def values(settings: Settings, state: State, metric: str, now: datetime) -> list[float | None]:
    db = Db(settings.lake, memory_limit_mb=256, threads=1)
    try:
        return MEASURED[metric](LakeQuestion(db.at(now), state, now))["value"].to_list()
    finally:
        db.close()


def test_daily_moves_and_extremes_are_those_of_the_closes(
    market_desk: tuple[Settings, State],
) -> None:
    settings, state = market_desk
    closes = [100.0 + number % 7 for number in range(258)] + [104.0, 130.0, 126.1, 90.0]
    days = put_closes(settings, closes, date(2026, 11, 20))
    top, fall, low = (close_of(day) for day in days[-3:])
    assert values(settings, state, "from_high", top) == [0.0]
    assert values(settings, state, "daily_move", top) == pytest.approx([0.25])
    assert values(settings, state, "daily_move", fall) == pytest.approx([-0.03])
    assert values(settings, state, "from_high", fall) == pytest.approx([126.1 / 130 - 1])
    assert values(settings, state, "from_low", fall) == pytest.approx([0.261])
    assert values(settings, state, "from_low", low) == [0.0]
    # A second before the close was known nobody could know it; a week later it says nothing.
    assert values(settings, state, "from_high", top - timedelta(seconds=1)) != [0.0]
    for metric in ("daily_move", "heat"):
        assert len(values(settings, state, metric, low + timedelta(days=6))) == 1
        assert values(settings, state, metric, low + timedelta(days=9)) == []


@pytest.mark.parametrize(("metric", "trigger"), [("daily_move", -0.03), ("heat", -3.0)])
def test_a_rule_does_not_count_what_was_public_before_it(
    market_desk: tuple[Settings, State], metric: str, trigger: float
) -> None:
    settings, state = market_desk
    days = put_closes(settings, [100.0, 101.0] * 15 + [95.0, 90.0], date(2026, 11, 20))
    first, second = (close_of(day) for day in days[-2:])
    terms = Terms(
        "Falls",
        {
            "metric": metric,
            "side": "below",
            "trigger": trigger,
            "rearm": trigger / 2,
            "cooldown_s": 86400,
        },
    )
    rules.create(state, terms, edit=Edit("tester", first + timedelta(minutes=5)))
    assert "over 0 values" in judge_lake(settings, state, first + timedelta(minutes=10)).message
    assert "1 fired" in judge_lake(settings, state, second + timedelta(minutes=1)).message
    assert "0 fired" in judge_lake(settings, state, second + timedelta(minutes=16)).message
    (alert,) = alerts.known(state, as_of=second + timedelta(hours=1))
    if metric == "daily_move":
        assert alert.firing.trigger_value == pytest.approx(-5 / 95)
    assert alert.firing.known_at == second + timedelta(minutes=1)


def test_a_new_figure_counts_for_twenty_hours_and_a_first_load_never(
    market_desk: tuple[Settings, State],
) -> None:
    settings, state = market_desk
    lake = Lake(settings.lake, workspace=settings.workspace)
    loaded = datetime(2026, 9, 1, tzinfo=UTC)
    released = datetime(2026, 10, 13, 6, tzinfo=UTC)
    series = {
        "series_id": "demo:DEU.CPI",
        "indicator": "CPI",
        "title": "Consumer prices",
        "country": "DEU",
        "frequency": "monthly",
        "unit": "index",
        "adjustment": "nsa",
        "dimension": "inflation",
        "direction": 1,
        "timezone": "Europe/Berlin",
        "known_at": loaded,
        "source": "demo",
    }
    world.put(lake, "series", [series])
    base = {"series_id": "demo:DEU.CPI", "unit": "index", "source": "demo", "is_forecast": False}
    world.put(
        lake,
        "macro",
        [
            base | {"period": date(2026, month, 1), "value": 100.0 + month, "known_at": at}
            for month, at in ((6, loaded), (7, loaded), (8, loaded), (9, released))
        ]
        + [base | {"period": date(2026, 8, 1), "value": 107.0, "known_at": released}],
    )
    hours = timedelta(hours=1)
    when = (loaded, released - hours, released, released + 19 * hours, released + 21 * hours)
    found = [values(settings, state, "published", moment) for moment in when]
    assert found == [[0.0], [0.0], [1.0], [1.0], [0.0]]
    terms = Terms(
        "CPI",
        {
            "metric": "published",
            "trigger": 1.0,
            "rearm": 0.5,
            "cooldown_s": 0,
            "symbols": ["DEU CPI"],
        },
    )
    rules.create(state, terms, edit=Edit("tester", released - hours))
    told = [judge_lake(settings, state, released + n * hours).message for n in (0, 1, 21, 22)]
    assert [text.partition(": ")[2] for text in told] == [
        "1 fired, 0 ended",
        "0 fired, 0 ended",
        "0 fired, 1 ended",
        "0 fired, 0 ended",
    ]


def test_a_job_that_fails_is_told_once_until_it_ends_well(
    market_desk: tuple[Settings, State],
) -> None:
    settings, state = market_desk
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    hour = timedelta(hours=1)
    terms = Terms("Failed", {"metric": "job_failed", "trigger": 1.0, "rearm": 0.5, "cooldown_s": 0})
    rules.create(state, terms, edit=Edit("tester", now))
    fired = []
    statuses: tuple[EndStatus, ...] = ("ok", "failed", "failed", "over_budget", "empty", "failed")
    for number, status in enumerate(statuses, 1):
        run_job(state, "demo.demo_world", status, now + number * hour)
        fired.append("1 fired" in judge_lake(settings, state, now + number * hour).message)
    assert fired == [False, True, False, False, False, True]


def test_a_rule_on_a_formula_fires_on_its_value_alone(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    settings, state = desk
    now = demo_lake.spec.end
    dear = demo_lake.at().sql(
        "SELECT symbol, arg_max(close, date) AS close FROM prices WHERE asset_class = 'equity' "
        "AND currency = 'USD' GROUP BY symbol HAVING max(date) >= $day ORDER BY symbol LIMIT 2",
        day=now.date() - timedelta(days=2),
    )
    (one, first), (other, second) = dear.frame.rows()
    symbol = f'="{one}"/"{other}"'
    edit = Edit("tester", now - timedelta(days=400))
    for title, trigger in (("Ratio", first / second * 0.9), ("Higher", first / second * 1.1)):
        # As a file of rules may space it.
        spaced = f"=  {symbol.removeprefix('=')} "
        terms = {"metric": "formula", "trigger": trigger, "symbols": [spaced], "cooldown_s": 0}
        rules.create(state, Terms(title, terms), edit=edit)
    unknown = {"metric": "formula", "trigger": 0, "symbols": ["=nobody/nowhere"]}
    rules.create(state, Terms("Unknown", unknown), edit=edit)
    assert "1 fired" in judge_lake(settings, state, now).message
    (alert,) = alerts.known(state, as_of=now)
    assert (alert.firing.symbol, alert.firing.context["rule"]) == (symbol, "Ratio")
    assert alert.firing.trigger_value == pytest.approx(first / second)
    assert title_of(alert) == f'WARNING "{one}"/"{other}": Ratio'


def test_a_rule_on_a_formula_of_a_dead_source_waits(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    """The rule is older than the last close; after eight days it may no longer hold."""
    settings, state = desk
    last = demo_lake.at().sql(
        "SELECT symbol, max(date) AS day FROM prices WHERE asset_class = 'equity' "
        "AND source = 'demo' GROUP BY symbol HAVING max(date) < $day ORDER BY symbol LIMIT 1",
        day=demo_lake.spec.end.date() - timedelta(days=60),
    )
    ((symbol, day),) = last.frame.rows()
    closed = datetime.combine(day, time(23, 59), tzinfo=UTC)
    terms = {"metric": "formula", "trigger": 0.0, "symbols": [f'="{symbol}"'], "cooldown_s": 0}
    rules.create(state, Terms("Dead", terms), edit=Edit("tester", closed - timedelta(days=5)))
    assert "0 fired" in judge_lake(settings, state, closed + timedelta(days=8)).message
    assert "1 fired" in judge_lake(settings, state, closed + timedelta(days=6)).message


@pytest.mark.parametrize(
    ("symbols", "sentence"),
    [
        ([], "a rule on a formula needs one: name it, such as =GOLD/SILVER"),
        (["demo:GOLD"], "'demo:GOLD' is no formula: a formula begins with ="),
        (["=GOLD/"], "character"),
        (["=1 + 2"], "the formula names no instrument or series"),
    ],
)
def test_a_rule_on_no_formula_is_refused(symbols: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read_rule({"metric": "formula", "trigger": 1.0, "symbols": symbols}, "1")


def test_a_rule_on_thousands_of_formulas_is_refused_and_the_others_go_on(
    desk: tuple[Settings, State], demo_lake: DemoLake
) -> None:
    settings, state = desk
    now = demo_lake.spec.end
    edit = Edit("tester", now - timedelta(days=1))
    members = [Member(f"=EQUITY*{number}") for number in range(MOST_FORMULAS + 1)]
    watchlists.create(state, "Many", members, edit=edit)
    many = {"metric": "formula", "trigger": 1.0, "watchlist": "Many"}
    rules.create(state, Terms("Many", many), edit=edit)
    late = {"metric": "late_hours", "trigger": 1e9}
    rules.create(state, Terms("Late", late), edit=edit)
    message = judge_lake(settings, state, now).message
    assert message.startswith("1 rules over") and message.endswith("1 rules cannot be used")
