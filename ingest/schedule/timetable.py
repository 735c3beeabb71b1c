"""The timetable: which jobs run in a workspace, and why the others do not.

It passes between processes as JSON, so that the scheduler need not load what the sources load.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field

from data.errors import ConfigError
from data.settings import Settings
from ingest.jobs import Cadence, Job, Source
from ingest.schedule.planning import HOUSE, Task

COLLECT = Job(
    "collect",
    (),
    "deletes files of the lake that no reader can need any more",
    Cadence(every_minutes=60),
)
RELEASES = Job(
    "releases",
    (),
    "plans a run of the jobs concerned for the minute after each scheduled release",
    Cadence(every_minutes=60),
)
BACKUP = Job(
    "backup",
    (),
    "keeps a restore point of state and lake",
    Cadence(at="03:00"),
    time_limit_s=4 * 3600,
)
EXPECTED = Job(
    "expectations",
    ("expectations",),
    "takes in the expectations that were uploaded",
    Cadence(every_minutes=60),
)
COMPANY_EDITS = Job(
    "company_edits",
    ("companies",),
    "writes what the team corrected of companies; an edit on a page starts it at once",
    Cadence(every_minutes=60),
)
BIAS = Job(
    "bias",
    (),
    "says on the bus how the bias stands after new releases",
    Cadence(every_minutes=360),
)
REGIMES = Job(
    "regimes",
    (),
    "fits the regimes of all countries ahead, so that no reader waits for a first one",
    Cadence(every_minutes=60),
)
CLAIMS = Job(
    "claims",
    (),
    "judges the claims of documents again that a change of the data can reach",
    Cadence(every_minutes=60),
)
WATCHED = Job(
    "watched",
    (),
    "checks every watched document anew and tells the difference to yesterday",
    Cadence(at="06:00"),
)
TICKS = Job(
    "ticks",
    ("bars",),
    "gathers the files of archived trades, makes minute bars of closed days, drops old trades",
    Cadence(every_minutes=30),
)
RULES = Job(
    "rules",
    (),
    "judges the alert rules that watch the lake, jobs, processes and budgets",
    Cadence(every_minutes=15),
)
SLACK = Job(
    "slack",
    (),
    "sends alerts to the Slack webhook that was given",
    Cadence(every_minutes=1),
    catch_up="skip",
)
MAIL = Job(
    "mail",
    (),
    "sends alerts by e-mail through the mail server that was given",
    Cadence(every_minutes=1),
    catch_up="skip",
)
WEBHOOK = Job(
    "webhook",
    (),
    "sends alerts as JSON to the webhook that was given",
    Cadence(every_minutes=1),
    catch_up="skip",
)
BRIEF = Job(
    "brief",
    (),
    "sends the daily brief once its hour has come",
    Cadence(every_minutes=5),
    catch_up="skip",
)
MODELS = Job(
    "models",
    (),
    "puts to the model what readers asked; a question that a page asks starts it at once",
    Cadence(every_minutes=15),
    time_limit_s=900,
)
# Before the watched documents are checked, so that what changed is judged the same morning.
TEXTS = Job(
    "competitor_texts",
    (),
    "fetches the watched texts of competitors from the sites that were allowed",
    Cadence(at="05:50"),
)
# Dataset -> the jobs (`source.job`) to run again within a minute after it changed. Of what is
# derived only fits are stored, by their data: pages compute the rest, and the bus is told.
FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    **{
        name: (f"{HOUSE}.{BIAS.name}", f"{HOUSE}.{RULES.name}")
        for name in ("releases", "expectations")
    },
    **{name: (f"{HOUSE}.{CLAIMS.name}",) for name in ("fundamentals", "instruments", "companies")},
    "series": (f"{HOUSE}.{BIAS.name}", f"{HOUSE}.{RULES.name}", f"{HOUSE}.{CLAIMS.name}"),
    "prices": (f"{HOUSE}.{RULES.name}", f"{HOUSE}.{CLAIMS.name}"),
    "macro": (f"{HOUSE}.{RULES.name}", f"{HOUSE}.{REGIMES.name}", f"{HOUSE}.{CLAIMS.name}"),
}


@dataclass(frozen=True, slots=True)
class Timetable:
    """What runs, for each source that does not why, and what watchlists wish of each source."""

    tasks: tuple[Task, ...]
    off: dict[str, str] = field(default_factory=dict)
    wishes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def timetable(
    settings: Settings, sources: Iterable[Source], read_key: Callable[[str], str | None]
) -> Timetable:
    """The jobs of the sources that are on, and those of the house."""
    tasks: list[Task] = []
    off: dict[str, str] = {}
    for source in sources:
        if why := _why_off(settings, source, read_key):
            off[source.name] = why
        else:
            tasks += [Task(source.name, job) for job in source.jobs]
    return Timetable((*tasks, *_house(settings, read_key)), off)


def _why_off(
    settings: Settings, source: Source, read_key: Callable[[str], str | None]
) -> str | None:
    is_demo = source.name == "demo"
    if settings.is_demo != is_demo:
        what = "invented rows only" if settings.is_demo else "real rows only"
        return f"workspace {settings.workspace} takes {what}"
    if not (is_demo or source.is_default or source.name in settings.sources):
        return f"off by default; put {source.name} into SOURCES to run it"
    if source.secret and not source.is_key_optional and not read_key(source.secret):
        return f"{source.title} needs a key: set {source.secret}, then start the scheduler again"
    if source.needs_contact and not settings.contact:
        return f"{source.title} needs a contact: set CONTACT, then start the scheduler again"
    return None


def _house(settings: Settings, read_key: Callable[[str], str | None]) -> list[Task]:
    """An invented world can be drawn again, so it is kept safe only where that was asked for."""
    jobs = [COLLECT, EXPECTED, COMPANY_EDITS, BIAS, REGIMES, CLAIMS, WATCHED, TICKS, RULES, MODELS]
    if not settings.is_demo:
        jobs.append(RELEASES)
    if not settings.is_demo or settings.backup:
        jobs.append(BACKUP)
    if read_key("SLACK_WEBHOOK"):
        jobs.append(SLACK)
    if settings.smtp_server:
        jobs.append(MAIL)
    if read_key("ALERT_WEBHOOK"):
        jobs.append(WEBHOOK)
    if settings.brief_at:
        jobs.append(BRIEF)
    if settings.text_hosts:
        jobs.append(TEXTS)
    return [Task(HOUSE, job) for job in jobs]


def dump(table: Timetable) -> str:
    """As JSON."""
    return json.dumps({"tasks": [asdict(task) for task in table.tasks], "off": table.off}, indent=1)


def load(text: str) -> Timetable:
    """What `dump` wrote."""
    try:
        raw = json.loads(text)
        return Timetable(tuple(_task(entry) for entry in raw["tasks"]), dict(raw["off"]))
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            "the timetable cannot be read: expected what `python -m scripts.timetable --format "
            f"json` prints, found {text[:60]!r}"
        ) from None


def _task(entry: dict[str, dict[str, object]]) -> Task:
    job = dict(entry["job"])
    job["cadence"] = Cadence(**job["cadence"])  # type: ignore[arg-type]  # JSON has no types
    job["datasets"] = tuple(job["datasets"])  # type: ignore[arg-type]  # JSON has no types
    return Task(str(entry["source"]), Job(**job))  # type: ignore[arg-type]  # JSON has no types
