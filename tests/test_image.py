"""The container image and the compose file: linted, without privileges, without anybody's data.

No container engine is asked for: what is written is read, and the commands are looked up.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text().splitlines()
    if line and not line.startswith("#")
]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if each["image"] == "barograph"}


def instructions(word: str) -> list[str]:
    """What follows a word of the Dockerfile, in the last stage; broken lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    last = joined[joined.rindex("\nFROM ") :]
    return re.findall(rf"^{word} (.*)$", last, re.M)


def test_hadolint_finds_nothing() -> None:
    beside = Path(sys.executable).with_name("hadolint")
    program = str(beside) if beside.exists() else shutil.which("hadolint")
    if program is None:
        pytest.skip("no hadolint here; it comes with requirements-dev.lock")
    done = subprocess.run(
        [program, "--no-color", "-"], input=DOCKERFILE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_slim_and_has_no_compiler() -> None:
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.M))
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1[1-3]-slim-\w+", bases.pop())
    assert not re.search(r"apt-get install|build-essential|requirements-dev", DOCKERFILE)
    assert "--require-hashes --only-binary=:all:" in re.sub(r"\\\n\s*", "", DOCKERFILE)


def test_it_runs_without_privileges_and_reports_its_health() -> None:
    (user,) = instructions("USER")
    assert int(user.split(":")[0]) >= 1000
    (health,) = instructions("HEALTHCHECK")
    assert "/healthz" in health
    order = re.findall(r"^(COPY|RUN|USER|CMD)\b", DOCKERFILE, re.M)
    assert order.index("USER") > max(i for i, word in enumerate(order) if word in ("COPY", "RUN"))


def test_nobodys_data_enters_the_image() -> None:
    assert IGNORED[0] == "*", "everything is left out but what is named"
    named = {line[1:] for line in IGNORED if line.startswith("!")}
    assert "requirements.lock" in named
    assert not named & {".", "tests", "docs", ".git", ".env", "data/var"}
    later = IGNORED[IGNORED.index("!data") + 1 :]
    assert {"data/var", "**/.env", "**/secrets.toml"} <= set(later)
    (volume,) = instructions("VOLUME")
    assert "/var/lib/barograph" in volume
    assert any("DATA_DIR=/var/lib/barograph" in line for line in instructions("ENV"))


@pytest.mark.parametrize("name", OURS)
def test_each_process_of_ours_is_confined(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    keys = ["keys:/var/lib/barograph-keys"] if name == "scheduler" else []
    assert service["volumes"] == ["lake:/var/lib/barograph", *keys]
    assert not service.get("privileged")
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:"), "the pages know no passwords"


def test_the_bus_keeps_its_ticks_and_has_no_door_to_the_outside() -> None:
    redis = COMPOSE["services"]["redis"]
    assert "ports" not in redis
    assert "noeviction" in redis["command"]
    assert redis["volumes"]


def test_only_what_asks_the_sources_is_given_their_keys() -> None:
    asks = {name for name, each in OURS.items() if "SECRETS_FILE" in each["environment"]}
    assert asks == {"scheduler"}
    kept = Path(OURS["scheduler"]["environment"]["SECRETS_FILE"])
    for name, service in OURS.items():
        mounted = [volume.split(":")[1] for volume in service["volumes"]]
        assert (str(kept.parent) in mounted) == (name == "scheduler")


def test_the_container_is_reached_from_this_machine_alone() -> None:
    from app import arguments
    from data.errors import ConfigError
    from data.web_access import WebAccess

    asked = arguments().parse_args(OURS["web"]["command"][2:])
    access = WebAccess.of(asked.address, asked.allowed_host, without_login=asked.without_login)
    assert [str(host) for host in access.hosts] == ["localhost"]
    plain = arguments().parse_args(["--address", "0.0.0.0"])
    assert "app.py" in DOCKERFILE.splitlines()[-1]
    with pytest.raises(ConfigError, match="allowed-host"):
        WebAccess.of(plain.address, plain.allowed_host, without_login=plain.without_login)


@pytest.mark.parametrize("command", [our["command"] for our in OURS.values()], ids=" ".join)
def test_each_command_starts_something_that_exists(command: list[str]) -> None:
    assert command[0] == "python"
    module = command[command.index("-m") + 1].split(".") if "-m" in command else None
    path = Path(*module).with_suffix(".py") if module else Path(command[1])
    assert (ROOT / path).is_file()
    assert f"!{path.parts[0]}" in IGNORED
