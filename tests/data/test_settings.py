"""Settings from the environment, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ConfigError
from data.settings import REPOSITORY, Settings, is_demo_workspace, keyless


def test_what_nobody_set() -> None:
    found = Settings.from_env(environ={})
    assert (found.workspace, found.is_demo) == ("demo", True)
    assert found.data_dir == REPOSITORY / "data" / "var"
    assert found.lake == found.data_dir / "demo" / "lake"
    assert found.redis_url is None
    assert found.memory_limit_mb == 2048
    assert found.threads >= 1


def test_the_lake_can_be_moved_and_workspaces_lie_apart(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), "WORKSPACE": "live"}
    live, demo = Settings.from_env(environ=env), Settings.from_env("demo", environ=env)
    assert live.root == tmp_path / "live"
    assert demo.root == tmp_path / "demo"
    assert live.state == tmp_path / "live" / "state.db"
    assert live.rejects == tmp_path / "live" / "rejects"
    assert live.logs == tmp_path / "live" / "logs"
    assert not live.is_demo


@pytest.mark.parametrize("name", ["Demo", "a/b", "..", "a b", "-a", "x" * 33, "é"])
def test_a_workspace_is_a_plain_word(name: str) -> None:
    with pytest.raises(ConfigError, match="expected lower-case letters"):
        Settings.from_env(name, environ={})


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "²", "٣x"])
@pytest.mark.parametrize("name", ["MEMORY_LIMIT_MB", "THREADS"])
def test_a_number_is_a_whole_one(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}=.*expected a whole number of at least 1"):
        Settings.from_env(environ={name: text})


def test_numbers_are_read() -> None:
    found = Settings.from_env(environ={"MEMORY_LIMIT_MB": "512", "THREADS": "3", "REDIS_URL": "x"})
    assert (found.memory_limit_mb, found.threads, found.redis_url) == (512, 3, "x")


@pytest.mark.parametrize(
    ("name", "is_demo"),
    [("demo", True), ("demo-2", True), ("demonstration", False), ("live", False), ("xdemo", False)],
)
def test_which_workspaces_are_invented(name: str, is_demo: bool) -> None:
    assert is_demo_workspace(name) is is_demo


def test_keys_lie_in_a_file_that_only_its_owner_may_read(tmp_path: Path) -> None:
    settings = Settings.from_env(environ={"DATA_DIR": str(tmp_path)})
    assert settings.secret("FRED_API_KEY", environ={}) is None
    settings.secrets.write_text("# keys\nexport FRED_API_KEY = 'abc'\nEMPTY=\n", encoding="utf-8")
    settings.secrets.chmod(0o600)
    assert settings.secret("FRED_API_KEY", environ={}) == "abc"
    assert settings.secret("FRED_API_KEY", environ={"FRED_API_KEY": "env"}) == "env"
    assert settings.secret("EMPTY", environ={}) is None
    assert settings.secret("OTHER", environ={}) is None
    settings.secrets.chmod(0o644)
    with pytest.raises(ConfigError, match="may be read by others; run `chmod 600`") as caught:
        settings.secret("FRED_API_KEY", environ={})
    assert "abc" not in str(caught.value)


def test_a_file_of_keys_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    settings = Settings.from_env(environ={"SECRETS_FILE": str(tmp_path / "keys")})
    settings.secrets.write_bytes(b"\xff\xfe")
    settings.secrets.chmod(0o600)
    with pytest.raises(ConfigError, match="cannot be read; it holds `NAME=key` per line"):
        settings.secret("FRED_API_KEY", environ={})


def test_what_is_named_like_a_key_is_left_out_of_a_keyless_environment() -> None:
    keys = ["FRED_API_KEY", "AWS_SECRET_ACCESS_KEY", "OPENEXCHANGERATES_APP_ID", "SECRETS_FILE"]
    plain = {"PATH": "/bin", "DATA_DIR": "/lake", "REDIS_URL": "redis://h"}
    assert keyless(plain | dict.fromkeys(keys, "4f9d1c")) == plain
