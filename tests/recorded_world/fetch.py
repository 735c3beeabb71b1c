"""The live workspace of the recorded world: fetched by the scheduler, the jobs and the transport.

Nothing of the house is replaced but the hosts' addresses, the machine's time, and the process of a
run, whose work is done here so that both are the same for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.settings import Settings
from data.state import requests, runs
from data.state.runs import Run
from data.state.values import Edit
from ingest import registry
from ingest.jobs import Source
from ingest.maintenance import jobs
from ingest.runs.engine import Engine, open_engine
from ingest.schedule.planning import HOUSE, Task, job_of
from ingest.schedule.scheduler import Hooks, Scheduler
from ingest.schedule.timetable import FOLLOW_UPS, timetable
from scripts import run_job
from scripts.timetable import post
from tests.ingest.server import serving
from tests.recorded_world import accounts, agencies, currencies, economy, headlines, markets
from tests.recorded_world.desk import furnish
from tests.recorded_world.fortnight import EVENINGS, NOW, Clock, machine_at
from tests.recorded_world.hosts import Answer, Ask, Host, Hosts


def bea(ask: Ask) -> Answer:
    """One host of the agency has its accounts and its calendar."""
    return (accounts.bea if ask.path.lower() == "/api/data" else agencies.bea)(ask)


HOSTS: dict[str, Host] = {
    "data-api.ecb.europa.eu": currencies.ecb,
    "api.frankfurter.dev": currencies.frankfurter,
    "www.bankofengland.co.uk": currencies.boe,
    "www.stat-search.boj.or.jp": currencies.boj,
    "www.boj.or.jp": currencies.boj,
    "www.imf.org": currencies.imf,
    "api.imf.org": currencies.imf_data,
    "openexchangerates.org": currencies.openexchangerates,
    "api.exchangerate.host": currencies.exchangerate_host,
    "query1.finance.yahoo.com": markets.yahoo,
    "data-api.binance.vision": markets.binance,
    "api.coingecko.com": markets.coingecko,
    "www.alphavantage.co": markets.alpha_vantage,
    "api.marketstack.com": markets.marketstack,
    "www.federalreserve.gov": headlines.fed,
    "www.ecb.europa.eu": headlines.ecb_feed,
    "www.bankofcanada.ca": headlines.boc,
    "api.stlouisfed.org": economy.fred,
    "api.eia.gov": accounts.eia,
    "api.bls.gov": accounts.bls,
    "home.treasury.gov": economy.treasury,
    "stats.bis.org": economy.bis,
    "ec.europa.eu": agencies.eurostat,
    "sdmx.oecd.org": agencies.oecd,
    "www.bls.gov": agencies.bls,
    "www.bea.gov": agencies.bea,
    "apps.bea.gov": bea,
    "api.worldbank.org": economy.worldbank,
    "www.worldbank.org": economy.commodity_markets,
    "thedocs.worldbank.org": economy.pink_sheet,
    "comtradeapi.un.org": economy.comtrade,
}
ON_THE_DAY = {"since": "2026-03-14", "until": "2026-03-14"}
# What an analyst asks for on the first evening: further back than a job looks by itself, and names
# that stand in no list.
WISHES: tuple[tuple[int, str, Mapping[str, object]], ...] = (
    (0, "ecb.ecb_series", {"since": "2026-02-01"}),
    (0, "frankfurter.frankfurter_rates", {"since": "2026-02-01"}),
    (0, "fred.fred_series", {"since": "1776-07-04"}),
    (0, "fred.fred_calendar", {"since": "2024-01-01"}),
    (0, "us_treasury.us_treasury_yields", {"since": "2025-01-01"}),
    (0, "binance.binance_daily", {"names": ["BTCUSDT"], "since": "2024-01-01"}),
    (0, "coingecko.coingecko_daily", {"names": ["bitcoin"], "since": "2025-06-01"}),
    (0, "comtrade.trade_new", {"names": ["USA", "CHN"], "since": "2014-01-01"}),
    (0, "imf.imf_outlook", {"names": ["NGDP_R"]}),
    (
        0,
        "yahoo_chart.yahoo_daily",
        {"names": ["NVDA", "OCDO.L", "WSU.DE", "INR=X", "^VIX", "META", "AMZN"]},
    ),
    (0, "alpha_vantage.alpha_vantage_daily", {"names": ["EURAUD"]}),
    (2, "openexchangerates.openexchangerates_daily", ON_THE_DAY),
    (2, "exchangerate_host.exchangerate_host_daily", ON_THE_DAY),
    (
        2,
        "yahoo_chart.yahoo_daily",
        {"names": ["NVDA", "OCDO.L", "WSU.DE", "INR=X", "META", "AMZN"]},
    ),
    (2, "binance.binance_minutes", {"names": ["BTCUSDT"], "since": "2026-03-20"}),
)
UNANSWERED = ("requested", "claimed")
KEY = "k3y-of-the-recorded-world"


@dataclass
class Done:
    """In place of the process of a run that has ended."""

    def poll(self) -> int:
        return 0

    def terminate(self) -> None:
        """It has ended."""

    def kill(self) -> None:
        """It has ended."""


@dataclass
class Recorded:
    """The workspace as it stands, with who answered it."""

    settings: Settings
    engine: Engine
    clock: Clock
    hosts: Hosts
    scheduler: Scheduler

    @property
    def names(self) -> set[str]:
        """The jobs of the timetable."""
        return {task.name for task in self.scheduler.tasks}

    def evening(self, number: int) -> None:
        """What is due by then, and what was asked for."""
        self.clock.come_to(EVENINGS[number])
        edit = Edit("ann", self.clock.now_at)
        for evening, job, arguments in WISHES:
            if evening == number and job in self.names:
                requests.ask(self.engine.state, job, arguments, edit=edit)
        self.work_off()

    def work_off(self) -> None:
        """Tick until nothing waits any more."""
        for _ in range(400):
            assert self.scheduler.tick()
            self.clock.sleep(1)
            if not (self.scheduler.underway or self._waiting()):
                return
        raise AssertionError(f"still waiting: {self._waiting()[:5]}")

    def _waiting(self) -> list[str]:
        found = runs.waiting(self.engine.state, now=self.clock.now_at)
        asked = requests.recent(self.engine.state, as_of=self.clock.now_at)
        return [run.job for run in found] + [w.job for w in asked if w.status in UNANSWERED]

    def ledger(self) -> list[Run]:
        """Every run, the first first."""
        return list(runs.recent(self.engine.state, as_of=NOW, limit=100_000)[::-1])


def settings_in(folder: Path) -> Settings:
    """A live workspace with a key for every source, and the two sources that terms keep off."""
    settings = Settings.from_env(
        "live",
        {
            "DATA_DIR": str(folder),
            "CONTACT": "a@example.org",
            "SOURCES": "yahoo_chart",
            "MEMORY_LIMIT_MB": "512",
            "THREADS": "2",
        },
    )
    settings.secrets.parent.mkdir(parents=True, exist_ok=True)
    settings.secrets.touch(mode=0o600)
    names = sorted({source.secret for source in registry.SOURCES.values() if source.secret})
    settings.secrets.write_text("".join(f"{name}={KEY}\n" for name in names))
    return settings


@contextmanager
def opened(folder: Path, *names: str) -> Iterator[Recorded]:
    """The workspace on its first evening, before anything was asked; only the sources named."""
    settings, clock = settings_in(folder), Clock(EVENINGS[0])
    with pytest.MonkeyPatch.context() as patch, serving() as server, machine_at(clock):
        for source in registry.SOURCES.values():
            if source.secret:  # a developer's own key is not for tests
                patch.delenv(source.secret, raising=False)
        hosts = Hosts(clock, server, HOSTS)
        near: dict[str, Source] = hosts.nearby(registry.SOURCES.values())
        patch.setattr(registry, "SOURCES", near)
        with open_engine(settings, tempo=clock.tempo) as engine:
            table = timetable(settings, near.values(), settings.secret)
            post(settings, table)
            tasks = [t for t in table.tasks if not names or t.source in (*names, HOUSE)]
            hooks = Hooks(lambda run, task: start(engine, run, task))
            scheduler = Scheduler(
                engine.state,
                tasks,
                hooks,
                "recorded",
                clock.now,
                lambda: clock.passed,
                follow_ups=FOLLOW_UPS,
            )
            yield Recorded(settings, engine, clock, hosts, scheduler)


def start(engine: Engine, run: Run, task: Task) -> Done:
    """What the process of a run does, in this one."""
    if job_of(run.job) in jobs.WORK:
        run_job.in_house(engine, run)
    else:
        run_job.for_source(engine, run)
    return Done()


@contextmanager
def fortnight(folder: Path) -> Iterator[Recorded]:
    """All three evenings."""
    with opened(folder) as world:
        furnish(world.engine.state, world.clock.now_at)
        for number in range(len(EVENINGS)):
            world.evening(number)
        world.scheduler.stop()
        world.clock.come_to(NOW)
        yield world
