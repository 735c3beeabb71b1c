"""The demo source: a seeded world written through contracts and upsert like any other source.

It fills demo workspaces only and needs no network. `seed` writes or extends a world, `check`
reads one back through the reader, `batches` goes on ticking live.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from data.datasets import IN_DEMO, dataset_named
from data.disk import explain, make_folder, write_file
from data.errors import ConfigError
from data.lake import Lake
from data.lake.batch import Batch
from data.lake.content import Content, hashed_columns
from data.query import At, Db
from data.settings import Settings
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, Source, Window
from ingest.sources.demo_world.intraday import windows
from ingest.sources.demo_world.listings import coins_of
from ingest.sources.demo_world.spec import GENERATOR, Spec, make_spec
from ingest.sources.demo_world.tables import EPOCH
from ingest.sources.demo_world.tape import Quote, ticks
from ingest.sources.demo_world.world import World, make_world, tables, truth

STAMP = "world.json"
DEFAULT_SEED = 7
LIVE_RATE = 20.0
Say = Callable[[str], None]
_WRITERS = 3  # a writer waits for the disk most of the time
_BEHIND = 4  # tables that may wait for one


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a workspace was filled with, and what it then held."""

    generator: int
    seed: int
    scale: str
    until: date
    hash: str
    digests: dict[str, str]
    rows: dict[str, int]
    windows: dict[str, int]  # venue: first day, since 1970, of the minute bars that count

    @property
    def spec(self) -> Spec:
        """The same three arguments again."""
        return make_spec(self.seed, self.until, self.scale)


@dataclass(frozen=True, slots=True)
class Live:
    """How the demo venue trades: trades a second and symbol, in batches of `every`.

    Its venue in the lake is one of its own, so that what a feed archives is no part of the world
    that was seeded. `prices` are those from which it walks on, by symbol.
    """

    rate: float = LIVE_RATE
    every: timedelta = timedelta(seconds=1)
    venue: str = "DEMOLIVE"
    prices: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """What `check` found: the hash asked for, the hash there is, and the datasets that differ."""

    stamp: Stamp
    found: str
    datasets: tuple[str, ...]


def seed(settings: Settings, spec: Spec, say: Say) -> Stamp:
    """Fill the workspace, or add the days that it lacks; gives what it holds now."""
    refuse_real(settings)
    earlier = read_stamp(settings)
    if earlier is not None:
        _refuse_other(settings, earlier, spec)
    if earlier is not None and not _has_all(settings):
        earlier = None  # its lake is gone, so nothing can be left out
    world = make_world(spec)
    say(f"drew {len(world.issuers)} issuers and {len(world.economy.countries)} countries")
    content = _write(settings, world, earlier.spec.end if earlier else None, say)
    stamp = Stamp(
        GENERATOR,
        spec.seed,
        spec.scale.name,
        spec.until,
        content.digest(),
        content.digests(),
        content.rows,
        windows(spec),
    )
    try:
        _write_truth(settings, world)
        _write_stamp(settings, stamp)
    except OSError as error:
        raise explain(error, f"could not write to {settings.root / 'truth'}") from error
    return stamp


def check(settings: Settings) -> Difference:
    """Hash the lake as its reader gives it, and compare with what seeding noted."""
    refuse_real(settings)
    stamp = read_stamp(settings)
    if stamp is None:
        raise ConfigError(
            f"workspace {settings.workspace!r} at {settings.root} holds no demo world; "
            "run `python -m scripts.seed_demo` first"
        )
    content = read_content(settings, stamp)
    found = content.digests()
    names = sorted({*found, *stamp.digests})
    differ = tuple(name for name in names if found.get(name) != stamp.digests.get(name))
    return Difference(stamp, content.digest(), differ)


def read_content(settings: Settings, stamp: Stamp) -> Content:
    """Every vintage of every dataset up to the world's end; of bars and ticks the last window.

    Earlier windows stay in a lake that was extended, and are no part of the later world.
    """
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=settings.threads)
    at = db.at(stamp.spec.end)
    content = Content()
    try:
        for dataset in map(dataset_named, IN_DEMO):
            content.add(dataset, pa.table({c: [] for c in dataset.schema.names}))
            columns = ", ".join(f'"{name}"' for name in hashed_columns(dataset))
            for where, params in _parts(dataset.name, stamp):
                sql = f"SELECT {columns} FROM {dataset.name}_vintages WHERE {where}"  # noqa: S608 - names of the contract
                with db.stream(at, sql, params) as reader:
                    for batch in reader:
                        content.add(dataset, batch)
    finally:
        db.close()
    return content


def batches(
    settings: Settings, start: datetime, how: Live | None = None
) -> Iterator[pa.RecordBatch]:
    """Live ticks from `start` on, one batch for each second that has arrivals, for ever.

    Prices walk on from those given, else from the last closes in the lake. The caller
    paces by each batch's last `known_at` (`tape.due_at`) and publishes; a restart at any instant
    goes on with the same trades.
    """
    refuse_real(settings)
    stamp = read_stamp(settings)
    if stamp is None:
        raise ConfigError(
            f"workspace {settings.workspace!r} holds no demo world to go on from; "
            "run `python -m scripts.seed_demo` first"
        )
    live = how or Live()
    if live.rate <= 0:
        raise ConfigError(f"rate {live.rate}: expected more than 0 trades a second")
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=settings.threads)
    quotes = live_quotes(db.at(start), stamp.spec)
    db.close()
    walking = [
        replace(quote, venue=live.venue, price=live.prices.get(quote.symbol, quote.price))
        for quote in quotes
    ]
    return ticks(stamp.seed, start, live.rate, walking, live.every)


def live_quotes(at: At, spec: Spec) -> list[Quote]:
    """The coins that tick, at their last close under the clock, else at their first price."""
    coins = coins_of(spec)[: min(spec.scale.minute_symbols, 6)]
    closes = at.sql(
        "SELECT symbol, arg_max(close, date) AS close FROM prices "
        "WHERE asset_class = 'crypto' AND symbol IN (SELECT unnest($symbols)) GROUP BY symbol",
        symbols=[coin.symbol for coin in coins],
    ).frame
    known = dict(zip(closes["symbol"], closes["close"], strict=True))
    return [Quote(c.symbol, float(known.get(c.symbol, c.price)), c.decimals) for c in coins]


def plan(window: Window) -> list[Call]:
    """One call that needs no network: it names the world's arguments; `names` may hold a scale."""
    last = window.until or window.now.date() - timedelta(days=1)
    scale = window.names[0] if window.names else "default"
    asked = {"seed": str(DEFAULT_SEED), "until": last.isoformat(), "scale": scale}
    return [Call("demo:world", asked)]


def parse(reply: Reply) -> Parsed:
    """The tables of the world that the call names; the body is not looked at."""
    asked = reply.parameters
    spec = make_spec(int(asked["seed"]), date.fromisoformat(asked["until"]), asked["scale"])
    parts: dict[str, list[pa.Table]] = {}
    for name, table in tables(make_world(spec)):
        parts.setdefault(name, []).append(table)
    return Parsed({name: pa.concat_tables(found) for name, found in parts.items()})


def refuse_real(settings: Settings) -> None:
    """One sentence for a workspace that invented rows must not enter."""
    if not settings.is_demo:
        raise ConfigError(
            f"workspace {settings.workspace!r} holds real data and takes no demo rows; "
            "use demo, or a name that begins with demo-"
        )


def read_stamp(settings: Settings) -> Stamp | None:
    """What was seeded here; None when nothing was, or not to its end."""
    path = settings.root / "truth" / STAMP
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(**{**kept, "until": date.fromisoformat(kept["until"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{path} cannot be read ({type(error).__name__}); remove the folder "
            f"{settings.root} and seed again"
        ) from error


def _refuse_other(settings: Settings, earlier: Stamp, spec: Spec) -> None:
    asked = (GENERATOR, spec.seed, spec.scale.name)
    if (earlier.generator, earlier.seed, earlier.scale) != asked:
        raise ConfigError(
            f"workspace {settings.workspace!r} holds the world of seed {earlier.seed}, scale "
            f"{earlier.scale}, generator {earlier.generator}, not of seed {spec.seed}, scale "
            f"{spec.scale.name}, generator {GENERATOR}; use another --workspace or remove "
            f"{settings.root}"
        )
    if spec.until < earlier.until:
        raise ConfigError(
            f"workspace {settings.workspace!r} already runs to {earlier.until}; give --until "
            f"{earlier.until} or later, since days are never taken away"
        )


def _has_all(settings: Settings) -> bool:
    db = Db(settings.lake, memory_limit_mb=256, threads=1)
    try:
        return all(db.manifest(name).version > 0 for name in IN_DEMO)
    finally:
        db.close()


def _write(settings: Settings, world: World, since: datetime | None, say: Say) -> Content:
    """Write what became known from `since` on, seen whole or not at all; drawing and writing
    overlap."""
    lake = Lake(
        settings.lake, workspace=settings.workspace, memory_limit_mb=settings.memory_limit_mb
    )
    content = Content()
    waiting: deque[Future[None]] = deque()
    with lake.batch() as batch, ThreadPoolExecutor(max_workers=_WRITERS) as writer:
        for number, (name, table) in enumerate(tables(world)):
            content.add(dataset_named(name), table)
            fresh = _fresh(name, table, since)
            publish = _publish_id(world.spec, since if name != "ticks" else None, number)
            waiting.append(writer.submit(_put, batch, name, fresh, publish))
            while len(waiting) > _BEHIND:
                waiting.popleft().result()
            say(f"{name}: {fresh.num_rows} rows")
        for future in waiting:
            future.result()
    return content


def _put(batch: Batch, name: str, table: pa.Table, publish_id: str) -> None:
    if dataset_named(name).appended:
        batch.append(name, table, publish_id=publish_id)
    else:
        batch.upsert(name, table, publish_id=publish_id)


def _publish_id(spec: Spec, since: datetime | None, number: int) -> str:
    """What is appended is so once per last day, however the lake came to it."""
    part = since.isoformat() if since else "all"
    return f"demo:{GENERATOR}:{spec.seed}:{spec.scale.name}:{part}:{spec.until}:{number}"


def _fresh(name: str, table: pa.Table, since: datetime | None) -> pa.Table:
    if since is None or name == "ticks":
        return table
    return table.filter(pc.greater_equal(table.column("known_at"), pa.scalar(since)))


def _parts(name: str, stamp: Stamp) -> list[tuple[str, dict[str, str | date | datetime]]]:
    end = stamp.spec.end
    if name == "bars":
        return [
            (
                "venue = $venue AND date >= $first AND known_at < $end",
                {"venue": venue, "first": EPOCH + timedelta(days=first), "end": end},
            )
            for venue, first in sorted(stamp.windows.items())
        ]
    if name == "ticks":
        start = end - timedelta(days=1)
        seeded = "known_at >= $start AND known_at < $end AND venue <> $live"
        return [(seeded, {"start": start, "end": end, "live": Live().venue})]
    return [("known_at < $end", {"end": end})]


def _write_truth(settings: Settings, world: World) -> None:
    folder = settings.root / "truth"
    make_folder(folder)
    for name, frame in truth(world).items():
        frame.write_parquet(folder / f"{name}.parquet")


def _write_stamp(settings: Settings, stamp: Stamp) -> None:
    fields = {name: getattr(stamp, name) for name in Stamp.__slots__}
    text = json.dumps(fields | {"until": stamp.until.isoformat()}, indent=1)
    write_file(settings.root / "truth" / STAMP, text.encode())


SOURCE = Source(
    name="demo",
    title="The demo world",
    gives="an invented world in every dataset that sources write, for demo workspaces only",
    grade="native",
    licence="invented; free for any use",
    jobs=(
        Job(
            name="demo_world",
            datasets=IN_DEMO,
            about="the days that a demo workspace lacks",
            cadence=Cadence(at="00:20"),
        ),
    ),
    plan=plan,
    parse=parse,
    is_default=False,
)
