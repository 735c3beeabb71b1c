"""What every test stands on: no network, the same examples each time, no silent skip in CI."""

from __future__ import annotations

import os
import random
import sys
import zlib
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path

import hypothesis
import pytest

from tests import machine, offline, tiers
from tests.demo_fixture import demo_lake as demo_lake  # a session fixture for all

# Derandomised: each run tries the same examples, so a red test stays red until it is mended.
# `--hypothesis-profile=explore` tries new ones and prints how to repeat a failure.
hypothesis.settings.register_profile(
    "house", derandomize=True, database=None, deadline=None, print_blob=True, max_examples=30
)
hypothesis.settings.register_profile(
    "explore", derandomize=False, database=None, deadline=None, print_blob=True, max_examples=1000
)
hypothesis.settings.register_profile(
    "night", hypothesis.settings.get_profile("house"), max_examples=300
)
hypothesis.settings.load_profile("night" if tiers.is_night() else "house")

pytest_addoption = tiers.add_options

# A developer's own lake and bus are not for tests.
for _name in ("DATA_DIR", "WORKSPACE", "REDIS_URL", "MEMORY_LIMIT_MB", "THREADS"):
    os.environ.pop(_name, None)


def pytest_configure(config: pytest.Config) -> None:
    """Close the network for this process, and for the programs that tests start."""
    offline.close()
    tiers.register(config)


# The floors are for what a package's own tests reach. Counting lines makes Python a third slower,
# so pages, browsers and commands go uncounted, and so do the longest simulations and kills.
COUNTED = ("tests/analytics/", "tests/data/", "tests/ingest/")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count lines only where a test of a measured package runs, its fixtures included."""
    counted = item.nodeid.startswith(COUNTED) and not item.get_closest_marker("uncounted")
    with nullcontext() if counted else machine.uncounted():
        return (yield)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What a reader needs to run the same again."""
    missing = [tool for tool in machine.TOOLS if machine.find(tool) is None]
    rule = "; CI, so a skip is a failure" if machine.is_ci() else ""
    return [
        f"examples: hypothesis profile {hypothesis.settings.get_current_profile_name()}, "
        f"TEST_SEED={machine.seed()} for `rng`",
        f"missing on this machine: {', '.join(missing) or 'nothing'}{rule}",
    ]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.needs("redis-server")`: skip with the reason where it is not."""
    for mark in item.iter_markers("needs"):
        for tool in mark.args:
            machine.require(tool)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that skipped did not pass."""
    return machine.judge((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips while it is read."""
    return machine.judge((yield))


@pytest.fixture(autouse=True)
def _network_stays_closed() -> Iterator[None]:
    """Also an attempt that the code under test swallowed, or made in a thread, fails the test."""
    offline.attempts.clear()
    yield
    tried = list(offline.attempts)
    offline.attempts.clear()
    assert not tried, f"this test reached for the network: {tried[:3]}"


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers that are the same on every run; the seed is shown with a failure."""
    seed = machine.seed() ^ zlib.crc32(request.node.nodeid.encode())
    sys.stdout.write(f"rng seed {seed} (TEST_SEED={machine.seed()})\n")
    return random.Random(seed)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's browser, for `executable_path` of Playwright; none is ever downloaded."""
    return machine.require("chromium")


@pytest.fixture(scope="session")
def redis_server() -> Path:
    """A real redis-server to start on a socket of the test's own."""
    return machine.require("redis-server")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the checkout; nothing of it is copied here."""
    return machine.require("shared")
