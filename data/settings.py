"""Settings, read once in a main and handed down; the only reader of the environment.

Keys of the sources are no settings: they are read one by one when a call needs them, by
`Settings.secret`, and nothing here keeps them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parents[1]
KEY_LIKE = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|APP_ID|WEBHOOK")
WORKSPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")

# What can be set, with its default, as docs/configuration.md shows it.
SETTINGS = {
    "DATA_DIR": ("`data/var`", "folder of all workspaces; any local disk"),
    "WORKSPACE": ("`demo`", "workspace of a command that is not told one"),
    "REDIS_URL": ("a private server", "a Redis to use instead, e.g. `rediss://...`"),
    "MEMORY_LIMIT_MB": ("2048", "memory that the query engine may take"),
    "THREADS": ("all cores", "threads of the query engine"),
    "SOURCES": ("none", "sources to run besides the default ones, e.g. `comtrade,gdelt`"),
    "BACKUP": ("`DATA_DIR/backups/<workspace>`", "a folder or `s3://bucket/prefix` for backups"),
    "LIVE_SAMPLE_MS": ("250", "how often a feed sends what arrived, as one block"),
    "LIVE_HOURS": ("all day", "when a feed listens, in UTC, e.g. `08:00-09:00` on a free tier"),
    "TICK_DAYS": ("7", "days that single trades are kept; their minute bars stay for ever"),
    "PROFILE": (
        "free",
        "which plans of the providers are paid for: `free`, `hobby`, `team`, or a file like them",
    ),
    "CONTACT": ("none", "mail address that the sources read in our User-Agent; some demand one"),
    "SMTP_SERVER": (
        "none",
        "mail server and port for alerts, e.g. `mail.example.org:587`; `dry-run` only logs",
    ),
    "SMTP_USER": ("none", "user at the mail server; the secret `SMTP_PASSWORD` goes with it"),
    "MAIL_FROM": ("none", "sender of the mails, e.g. `desk@example.org`"),
    "MAIL_TO": ("none", "addresses that get the mails, e.g. `ann@example.org,bob@example.org`"),
    "BRIEF_AT": (
        "off",
        "when the daily brief goes out by e-mail, else by Slack, e.g. `07:00 Europe/Berlin`",
    ),
    "MODEL": (
        "`gemini-2.5-flash`",
        "model that is asked beside the checks, where `GEMINI_API_KEY` is set; `off` asks none",
    ),
    "MODEL_URL": ("Gemini's own", "another https address that speaks the same protocol"),
    "MODEL_SECONDS": ("60", "how long the answer to one question may take, repetitions included"),
    "MODEL_LIMITS": (
        "see [the model](model.md)",
        "what may be asked of it, e.g. `150 calls per day, 2 dollars per month`",
    ),
    "TEXT_HOSTS": (
        "none",
        "sites whose watched texts are fetched daily at 05:50, e.g. `research.example`",
    ),
    "ALLOWED_HOSTS": (
        "this machine's own names",
        "more names under which the pages are opened, e.g. `desk.example,localhost:9000`",
    ),
    "SECRETS_FILE": ("`DATA_DIR/secrets.env`", "`NAME=key` per line, readable by its owner alone"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and how much of the machine may be used."""

    data_dir: Path
    workspace: str
    redis_url: str | None
    memory_limit_mb: int
    threads: int
    sources: tuple[str, ...] = ()
    backup: str | None = None
    contact: str | None = None
    secrets_path: Path | None = None
    live_sample_ms: int = 250
    live_hours: str | None = None
    tick_days: int = 7
    profile: str = "free"
    allowed_hosts: tuple[str, ...] = ()
    smtp_server: str | None = None
    smtp_user: str | None = None
    mail_from: str | None = None
    mail_to: tuple[str, ...] = ()
    brief_at: str | None = None
    model: str = "gemini-2.5-flash"
    model_url: str | None = None
    model_seconds: int = 60
    model_limits: str | None = None
    text_hosts: tuple[str, ...] = ()

    @classmethod
    def from_env(
        cls, workspace: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Settings:
        """`workspace` (a command-line flag) wins over WORKSPACE, which wins over `demo`."""
        env = os.environ if environ is None else environ
        name = workspace or env.get("WORKSPACE") or "demo"
        if not WORKSPACE.fullmatch(name):
            raise ConfigError(
                f"workspace {name[:60]!r}: expected lower-case letters, digits, `-` or `_`, "
                "at most 32; use demo, live or a name of your own"
            )
        return cls(
            data_dir=Path(env.get("DATA_DIR") or REPOSITORY / "data" / "var").expanduser(),
            workspace=name,
            redis_url=env.get("REDIS_URL") or None,
            memory_limit_mb=_whole(env, "MEMORY_LIMIT_MB", 2048),
            threads=_whole(env, "THREADS", os.cpu_count() or 1),
            sources=tuple(env.get("SOURCES", "").replace(",", " ").split()),
            backup=env.get("BACKUP") or None,
            contact=env.get("CONTACT") or None,
            secrets_path=Path(env["SECRETS_FILE"]) if env.get("SECRETS_FILE") else None,
            live_sample_ms=_whole(env, "LIVE_SAMPLE_MS", 250),
            live_hours=env.get("LIVE_HOURS") or None,
            tick_days=_whole(env, "TICK_DAYS", 7),
            profile=env.get("PROFILE") or "free",
            allowed_hosts=tuple(env.get("ALLOWED_HOSTS", "").replace(",", " ").split()),
            smtp_server=env.get("SMTP_SERVER") or None,
            smtp_user=env.get("SMTP_USER") or None,
            mail_from=env.get("MAIL_FROM") or None,
            mail_to=tuple(env.get("MAIL_TO", "").replace(",", " ").split()),
            brief_at=env.get("BRIEF_AT") or None,
            model=env.get("MODEL") or "gemini-2.5-flash",
            model_url=env.get("MODEL_URL") or None,
            model_seconds=_whole(env, "MODEL_SECONDS", 60),
            model_limits=env.get("MODEL_LIMITS") or None,
            text_hosts=tuple(env.get("TEXT_HOSTS", "").lower().replace(",", " ").split()),
        )

    @property
    def secrets(self) -> Path:
        """The file of the keys; it lies outside every workspace, so no backup of one holds it."""
        return self.secrets_path or self.data_dir / "secrets.env"

    def secret(self, name: str, environ: Mapping[str, str] | None = None) -> str | None:
        """A source's key, from the environment or else from `secrets`; only `ingest` may ask."""
        env = os.environ if environ is None else environ
        return env.get(name) or _from_file(self.secrets, name)

    @property
    def root(self) -> Path:
        """The workspace's own folder: lake, state, rejects and logs lie below it."""
        return self.data_dir / self.workspace

    @property
    def lake(self) -> Path:
        """The folder of the datasets."""
        return self.root / "lake"

    @property
    def state(self) -> Path:
        """The SQLite file of the small facts."""
        return self.root / "state.db"

    @property
    def rejects(self) -> Path:
        """What was refused, with its reason."""
        return self.root / "rejects"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.root / "logs"

    @property
    def cache(self) -> Path:
        """Replies of the sources that need not be asked for again yet."""
        return self.root / "cache"

    @property
    def run(self) -> Path:
        """What only running processes need: locks, sockets, who answers where."""
        return self.root / "run"

    @property
    def is_demo(self) -> bool:
        """Whether invented rows, and only these, may lie here."""
        return is_demo_workspace(self.workspace)


def keyless(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything named like a key, for processes that must hold none."""
    env = os.environ if environ is None else environ
    return {name: value for name, value in env.items() if not KEY_LIKE.search(name.upper())}


def is_demo_workspace(name: str) -> bool:
    """`demo` and `demo-anything` hold invented rows only; every other workspace real ones only."""
    return name == "demo" or name.startswith("demo-")


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"{name}={text!r}: expected a whole number of at least 1")
    return int(text)


def _from_file(path: Path, name: str) -> str | None:
    """One key of the file; a file that others may read is refused, since its keys are out."""
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigError(
                f"{path} may be read by others; run `chmod 600` on it, and renew the keys in it "
                "if others could log in here"
            )
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path} cannot be read; it holds `NAME=key` per line") from None
    for line in lines:
        key, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and key.strip() == name:
            return value.strip().strip("\"'") or None
    return None
