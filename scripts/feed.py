"""Put live ticks on the bus: `python -m scripts.feed --workspace demo`. Ctrl-C or SIGTERM ends it.

In a demo workspace the demo venue trades, with gaps, repetitions and late arrivals as venues have.
"""

from __future__ import annotations

import argparse
import logging
import signal
import threading

from data.bus import find_bus
from data.clock import utc_now
from data.errors import ConfigError
from ingest.live.feed import Feed
from ingest.sources import demo
from ingest.sources.demo_world import tape
from scripts import console

STREAM = "ticks:demo"
RATE = 20.0


def main(arguments: argparse.Namespace) -> int:
    """Publish until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    chosen = console.settings(arguments)
    if not chosen.is_demo:
        raise ConfigError(
            f"no feed for workspace {chosen.workspace!r}: only the demo venue is wired, "
            "use --workspace demo"
        )
    stopped = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stopped.set())
    bus = find_bus(chosen)
    if bus.banner:
        raise ConfigError(f"a feed needs a bus that other processes can read: {bus.banner}")
    batches = demo.batches(chosen, utc_now(), arguments.rate)
    console.say(f"{arguments.rate:g} trades a second onto {STREAM}")
    Feed(bus, STREAM, utc_now, stopped.wait).run(batches, tape.due_at)
    bus.close()
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("feed", __doc__ or "")
    made.add_argument("--rate", type=float, default=RATE, help="trades a second (default: 20)")
    return made


if __name__ == "__main__":
    console.run(main, parser())
