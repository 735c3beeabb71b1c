"""Fold the trades of the bus into points and judge them by the rules: `python -m scripts.monitor`.

Alerts go into the state and onto the bus. Ctrl-C or SIGTERM ends it; killed, it goes on where its
last checkpoint stands.
"""

from __future__ import annotations

import argparse

from data import streams
from data.clock import utc_now
from data.query import Db
from data.state.db import State
from ingest.live.monitor import Monitor
from ingest.live.rulebook import furnish
from ingest.live.venues import VENUES
from scripts.support import console, logs
from scripts.support.loops import alone, rounds, shared_bus, stop_on_signals

PAUSE_S, PACE_S = 0.5, 0.05


def main(arguments: argparse.Namespace) -> int:
    """Judge until told to stop."""
    logs.to_stderr()
    chosen = console.settings(arguments)
    stop = stop_on_signals()
    with alone(chosen, "monitor", stop) as is_mine:
        if not is_mine:
            return console.DONE
        bus, state = shared_bus(chosen), State.open(chosen.state)
        db = Db(chosen.lake, memory_limit_mb=chosen.memory_limit_mb, threads=1)
        if made := furnish(state, utc_now()):
            console.say(f"{made} rules of the house were entered; change them on the page Alerts")
        path = chosen.root / "live" / "monitor.bin"
        venue = VENUES[streams.venue_of(chosen)]
        monitor = Monitor(bus, db, state, venue.name, venue.code, path, utc_now)
        console.say(f"monitoring {monitor.stream} from {monitor.position}")
        # What comes meanwhile is folded at once.
        rounds(monitor.step, bus, stop, pace_s=PACE_S, pause_s=PAUSE_S)
        bus.close()
        db.close()
        state.close()
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    return console.parser("monitor", __doc__ or "")


if __name__ == "__main__":
    console.run(main, parser())
