"""The daily brief out at a chosen hour: by e-mail where a mail server is set, else by Slack.

BRIEF_AT holds the hour and its zone, e.g. `07:00 Europe/Berlin`. Each day's brief goes out once:
the state remembers it, so a restart sends none again. One that is half a day late is not sent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from analytics.home.brief import BriefClock, BriefSection, brief_sections
from data.clock import iso, utc_now
from data.errors import ConfigError
from data.query import Db
from data.settings import Settings
from data.state import briefs
from data.state.briefs import BriefDelivery
from data.state.db import State
from data.state.deliveries import Channel, DeliveryStatus
from data.state.runs import Outcome
from ingest.live.slack import SECRET, escaped
from ingest.outbound.http_post import check_address, open_client, post
from ingest.outbound.sending import DRY, MOST_TRIES, SendResult
from ingest.outbound.smtp import PASSWORD, MailError, compose, connected, read_account, send

LATEST = timedelta(hours=12)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BriefHour:
    """The hour of the day at which the brief is due, and its zone."""

    at: time
    zone: str

    def last(self, now: datetime) -> tuple[datetime, datetime]:
        """The last hour that has come, and the one of the day before."""
        local = now.astimezone(ZoneInfo(self.zone))
        today = self._of(local, 0)
        if today > now:
            return self._of(local, 1), self._of(local, 2)
        return today, self._of(local, 1)

    def _of(self, local: datetime, back: int) -> datetime:
        day = local.date() - timedelta(days=back)
        moment = datetime.combine(day, self.at, ZoneInfo(self.zone))
        return moment.astimezone(ZoneInfo("UTC"))


def read_hour(text: str) -> BriefHour:
    """The setting, checked."""
    clock, _, zone = text.strip().partition(" ")
    try:
        hour = time.fromisoformat(clock).replace(tzinfo=None)
        return BriefHour(hour, ZoneInfo(zone.strip() or "UTC").key)
    except (ValueError, KeyError, OSError):
        raise ConfigError(
            f"BRIEF_AT={text[:60]!r}: expected an hour and its zone, e.g. 07:00 Europe/Berlin"
        ) from None


def send_brief(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job, which looks every five minutes whether a brief is due."""
    if not settings.brief_at:
        return Outcome("skipped", message="BRIEF_AT is not set, so no brief is sent")
    hour = read_hour(settings.brief_at)
    as_of, since = hour.last(now)
    channel: Channel = "email" if settings.smtp_server else "slack"
    tried = briefs.read(state, as_of, channel)
    if tried is not None and tried.settled_at is not None:
        return Outcome("empty", message=f"the brief of {iso(as_of)}: {tried.status}")
    if now - as_of > LATEST:
        return Outcome("empty", message=f"the brief of {iso(as_of)} is too late to be sent")
    sections = build(settings, state, (as_of, since), hour.zone)
    title = title_of(settings, as_of, hour.zone)
    result = _sent(settings, channel, title, sections, as_of)
    return _settled(
        state, BriefDelivery(as_of, channel, "waiting", tried.attempts if tried else 0), result
    )


def build(
    settings: Settings, state: State, clocks: tuple[datetime, datetime], zone: str
) -> tuple[BriefSection, ...]:
    """What the brief of a clock says, of what changed since the clock before."""
    as_of, since = clocks
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    try:
        return brief_sections(BriefClock(db.at(as_of), since, zone), state)
    finally:
        db.close()


def title_of(settings: Settings, as_of: datetime, zone: str) -> str:
    """The subject of the mail and the first line of the text."""
    local = as_of.astimezone(ZoneInfo(zone))
    demo = "DEMO " if settings.is_demo else ""
    return f"{demo}Barograph brief, {local:%a %d %b %Y %H:%M} {zone}"


def as_text(title: str, sections: Sequence[BriefSection]) -> str:
    """Plain text."""
    parts = [title]
    for section in sections:
        parts += ["", section.title, *(f"- {line}" for line in section.lines)]
    return "\n".join(parts) + "\n"


def as_html(title: str, sections: Sequence[BriefSection]) -> str:
    """Headings and lists; every word from data is text."""
    parts = [f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1>"]
    for section in sections:
        lines = "".join(f"<li>{escape(line)}</li>" for line in section.lines)
        parts.append(f"<h2>{escape(section.title)}</h2><ul>{lines}</ul>")
    return "\n".join(parts) + "\n"


def _sent(
    settings: Settings,
    channel: Channel,
    title: str,
    sections: Sequence[BriefSection],
    as_of: datetime,
) -> SendResult | None:
    """How it went; none for a dry run."""
    text = as_text(title, sections)
    if channel == "slack":
        return _to_slack(settings, text)
    account = read_account(settings)
    if account is None or account.is_dry:
        log.info("dry_run brief=%s", text)
        return None
    key = f"{settings.workspace}-brief-{as_of:%Y%m%d%H%M}"
    message = compose(account, title, text, key=key, html=as_html(title, sections))
    try:
        with connected(account, settings.secret(PASSWORD)) as server:
            return send(server, account, message)
    except MailError as error:
        return SendResult(False, str(error))


def _to_slack(settings: Settings, text: str) -> SendResult | None:
    webhook = settings.secret(SECRET)
    if not webhook:
        raise ConfigError(
            f"BRIEF_AT is set and no channel is: set SMTP_SERVER for e-mail, or {SECRET}"
        )
    check_address(SECRET, webhook)
    if webhook == DRY:
        log.info("dry_run brief=%s", text)
        return None
    with open_client() as client:
        return post(client, webhook, {"text": escaped(text)}, {})


def _settled(state: State, before: BriefDelivery, result: SendResult | None) -> Outcome:
    tries, now = before.attempts + 1, utc_now()
    note = result.note if result else ""
    words = f"the brief of {iso(before.as_of)}"
    status: DeliveryStatus = "waiting"
    if result is None or result.is_sent:
        status = "sent" if result else "dry run"
    elif result.is_final or tries >= MOST_TRIES:
        status = "given up"
    settled = None if status == "waiting" else now
    done = replace(before, status=status, attempts=tries, settled_at=settled, note=note)
    briefs.record(state, done)
    is_out = status in ("sent", "dry run")
    message = f"{words}: {status}{f'; {note}' if note else ''}"
    return Outcome("ok" if is_out else "partial", calls=1, message=message)
