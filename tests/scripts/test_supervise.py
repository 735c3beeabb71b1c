"""The supervisor with real child processes: nothing of ours is replaced, the children are small."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.settings import Settings
from scripts import supervise
from scripts.support.keeper import end_groups
from scripts.support.processes import ProcessPlan

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0

# The driver hands its own list of processes to the code that up.py runs.
DRIVER = """
import sys
from pathlib import Path
from data.errors import ConfigError
from data.settings import Settings
from scripts.support.processes import PROCESSES, ProcessPlan, Process, web_answers
from scripts import supervise

folder, port, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
children = Path(sys.argv[4])
plan = ProcessPlan(Settings.from_env("demo", {"DATA_DIR": str(folder)}), port)

def child(name):
    return lambda plan: [sys.executable, "-S", str(children), name, str(plan.port), str(folder)]

processes = (
    PROCESSES[0],
    Process("web", "a small page", child(kind), web_answers, is_needed=True),
    Process("family", "a child with a child", child("family")),
)
run = lambda: supervise.run(plan, processes=processes, seed=child("seed"))
sys.exit(supervise.said(run))
"""

CHILDREN = """
import http.server, os, subprocess, sys, time
from pathlib import Path

kind, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"ok": true, "workspace": "demo"}' if self.path == "/healthz" else b"<html>"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

if kind == "web":
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Page).serve_forever()
elif kind == "broken":
    sys.exit("no page today")
elif kind == "family":
    inner = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    (folder / "inner.new").write_text(str(inner.pid))
    (folder / "inner.new").replace(folder / "inner.pid")
    time.sleep(600)
elif kind == "seed":
    with (folder / "seeded").open("a") as log:
        log.write("x")
    sys.stderr.write("seed: 3 of 3 datasets\\n")
    sys.exit(1 if (folder / "no-seed").exists() else 0)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(is_true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not is_true():
        assert time.monotonic() < end, f"not within {SECONDS:g} s: {what}"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """A zombie that nobody reaped does not live."""
    with contextlib.suppress(OSError):
        shown = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")
    return False


class Workstation:
    """One driver process, its folder and what it says."""

    def __init__(self, folder: Path, *, kind: str = "web", port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.said = folder / "said.txt"
        children = folder / "children.py"
        children.write_text(CHILDREN)
        words = [sys.executable, "-c", DRIVER, str(folder), str(self.port), kind, str(children)]
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=out)

    @property
    def text(self) -> str:
        return self.said.read_text()

    def pids(self) -> dict[str, int]:
        table = re.findall(r"^  (\w+) +(\d+)  ", self.text, re.MULTILINE)
        return {name: int(pid) for name, pid in table} | {
            "inner": int((self.folder / "inner.pid").read_text())
        }

    def up(self) -> Workstation:
        wait_for(lambda: "Ctrl-C" in self.text or self.process.poll() is not None, "a start")
        assert "Barograph runs: http://127.0.0.1" in self.text, self.text
        wait_for(lambda: (self.folder / "inner.pid").exists(), "the grandchild")
        return self

    def end(self) -> int:
        return self.process.wait(SECONDS)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Workstation]]:
    started: list[Workstation] = []

    def make(folder: Path = tmp_path, **how: object) -> Workstation:
        folder.mkdir(exist_ok=True)
        started.append(Workstation(folder, **how))  # type: ignore[arg-type]  # keywords as given
        return started[-1]

    yield make
    for station in started:
        station.process.kill()
        station.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_leaves_no_process_and_no_note(
    launch: Callable[..., Workstation], number: signal.Signals
) -> None:
    station = launch().up()
    pids = station.pids()
    assert {"web", "family", "inner"} <= set(pids)
    assert all(lives(pid) for pid in pids.values())
    station.process.send_signal(number)
    begin = time.monotonic()
    assert station.end() == 0, station.text
    assert time.monotonic() - begin < 10
    assert not any(lives(pid) for pid in pids.values())
    assert not (station.folder / "demo" / "run" / "up.json").exists()
    assert station.text.rstrip().endswith("up: stopped")


def test_killed_outright_leaves_no_process_and_the_next_start_works(
    launch: Callable[..., Workstation],
) -> None:
    station = launch().up()
    pids = station.pids()
    station.process.kill()
    station.process.wait()
    after = launch(port=station.port).up()
    assert not any(lives(pid) for pid in pids.values()), "the old ones still ran beside the new"
    assert after.text.count("filling") == 0, "the second start filled the workspace again"


def test_a_killed_keeper_is_replaced(launch: Callable[..., Workstation]) -> None:
    station = launch().up()
    pids = station.pids()
    known = set(pids.values())
    [keeper] = [pid for pid in children_of(station.process.pid) if pid not in known]
    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: new_keeper(station, known | {keeper}), "another keeper")
    station.process.kill()
    station.process.wait()
    wait_for(lambda: not any(lives(pid) for pid in pids.values()), "the children's end")


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ties a child's life to its parent's"
)
def test_supervisor_and_keeper_killed_in_one_blow_take_the_children_along(
    launch: Callable[..., Workstation],
) -> None:
    station = launch().up()
    pids = station.pids()
    [keeper] = [pid for pid in children_of(station.process.pid) if pid not in set(pids.values())]
    station.process.send_signal(signal.SIGSTOP)
    os.kill(keeper, signal.SIGKILL)
    station.process.kill()
    station.process.wait()
    wait_for(lambda: not any(lives(pids[name]) for name in ("web", "family")), "the children's end")
    os.kill(pids["inner"], signal.SIGKILL)  # nobody is left who knew of it


def new_keeper(station: Workstation, known: set[int]) -> bool:
    return any(pid not in known for pid in children_of(station.process.pid))


def children_of(pid: int) -> list[int]:
    shown = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (line.split() for line in shown.stdout.splitlines())
    # `ps` itself is no child of the station, so it is not in the answer.
    return [int(child) for child, parent in pairs if int(parent) == pid]


def test_a_child_that_dies_is_started_again_and_its_family_ends(
    launch: Callable[..., Workstation],
) -> None:
    station = launch().up()
    pids = station.pids()
    os.kill(pids["family"], signal.SIGKILL)
    wait_for(lambda: station.pids()["inner"] != pids["inner"], "the family's next start")
    assert not lives(pids["inner"]), "a dead child's own child was left"
    assert lives(pids["web"])
    assert "family was killed by signal 9; next start in 0.5 s" in station.text
    log = (station.folder / "demo" / "logs" / "family.log").read_text()
    assert log.count(" started as ") == 2


def test_a_second_start_gives_the_address_and_changes_nothing(
    launch: Callable[..., Workstation],
) -> None:
    first = launch().up()
    second = subprocess.run(
        [*first.process.args[:4], str(free_port()), "web", str(first.folder / "children.py")],  # type: ignore[index]  # a list of words
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert second.returncode == 0
    assert f"runs already: http://127.0.0.1:{first.port}" in second.stdout
    assert first.process.poll() is None


def test_the_demo_is_filled_once_with_its_progress_shown(
    launch: Callable[..., Workstation],
) -> None:
    station = launch().up()
    assert "seed: 3 of 3 datasets" in station.text
    station.process.terminate()
    station.end()
    launch().up()
    assert (station.folder / "seeded").read_text() == "x"


def test_a_failed_filling_is_said_and_taken_up_again(
    launch: Callable[..., Workstation], tmp_path: Path
) -> None:
    (tmp_path / "no-seed").touch()
    station = launch()
    assert station.end() == 1
    assert "filling workspace demo failed (status 1)" in station.text
    (tmp_path / "no-seed").unlink()
    launch().up()
    assert (tmp_path / "seeded").read_text() == "xx"


def test_a_taken_port_is_one_sentence(launch: Callable[..., Workstation]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        station = launch(port=port)
        assert station.end() == 1
    assert station.text.strip().splitlines() == [
        f"up: port {port} on 127.0.0.1 is taken by another program; stop that program, or choose "
        f"another port: python3 scripts/up.py --port {port + 1}"
    ]


def test_a_page_that_does_not_come_up_shows_its_last_words(
    launch: Callable[..., Workstation],
) -> None:
    station = launch(kind="broken")
    assert station.end() == 1
    last = station.text.strip().splitlines()[-1]
    assert "web does not come up; its last words: no page today" in last
    waits = re.findall(r"web ended with 1; next start in ([\d.]+) s", station.text)
    assert waits == ["0.5", "1", "2"]


def test_a_file_in_the_way_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "scripts.supervise", "--port", str(free_port())],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path / "file"), "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "a file is in the way of a folder; set DATA_DIR to a folder"
    )
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "ROOM_MB", 10**12)
    plan = ProcessPlan(Settings.from_env("demo", {"DATA_DIR": str(tmp_path)}), free_port())
    with pytest.raises(supervise.StartError, match="MB free are needed .* DATA_DIR"):
        supervise.run(plan)


def test_what_ignores_a_polite_stop_is_ended_after_the_grace() -> None:
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", deaf], start_new_session=True, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    end_groups([process.pid], 0.1)
    assert process.wait(SECONDS) == -signal.SIGKILL
    process.stdout.close()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "/lake"), "/lake: the disk is read-only"),
        (PermissionError(errno.EACCES, "Permission denied", "/lake"), "/lake: no right to write"),
        (OSError(errno.EIO, "Input/output error", "/lake"), "/lake: Input/output error"),
        (ConfigError("workspace '../x': expected letters"), "workspace '../x'"),
    ],
)
def test_what_the_disk_refuses_is_one_sentence(
    error: Exception, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        raise error

    assert supervise.said(work) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"up: {sentence}")
    assert said.count("\n") == 1
