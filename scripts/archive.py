"""Keep the trades of the bus in the lake: `python -m scripts.archive --workspace demo`.

Each window of twenty seconds is written once and can be queried within half a minute. Ctrl-C or
SIGTERM ends it; killed, it goes on where it was.
"""

from __future__ import annotations

import argparse

from data import streams
from data.clock import utc_now
from data.lake import Lake
from ingest.live.archive import Archive
from scripts.support import console, logs
from scripts.support.loops import alone, rounds, shared_bus, stop_on_signals

PAUSE_S, PACE_S = 1.0, 0.5


def main(arguments: argparse.Namespace) -> int:
    """Store until told to stop."""
    logs.to_stderr()
    chosen = console.settings(arguments)
    stop = stop_on_signals()
    with alone(chosen, "archive", stop) as is_mine:
        if not is_mine:
            return console.DONE
        bus = shared_bus(chosen)
        lake = Lake(chosen.lake, workspace=chosen.workspace, memory_limit_mb=chosen.memory_limit_mb)
        archive = Archive(bus, lake, streams.ticks(streams.venue_of(chosen)), utc_now)
        console.say(f"archiving {archive.stream} from {archive.position}")
        # Nobody waits for it, and many entries are read as fast as one.
        rounds(archive.step, bus, stop, pace_s=PACE_S, pause_s=PAUSE_S)
        bus.close()
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    return console.parser("archive", __doc__ or "")


if __name__ == "__main__":
    console.run(main, parser())
