"""When the live path listens: all day, or within hours of UTC where a free tier pays for less."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from data.errors import ConfigError

FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` until `end`, minutes of the UTC day; the end may lie on the day after."""

    start: int = 0
    end: int = DAY

    PAUSE_S: ClassVar[float] = 60.0

    @classmethod
    def parse(cls, text: str | None) -> Hours:
        """`08:00-09:00`, or nothing for all day."""
        if not text:
            return cls()
        found = FORM.fullmatch(text.strip())
        if not found:
            raise ConfigError(
                f"LIVE_HOURS={text[:40]!r}: expected hours of UTC such as 08:00-09:00, or nothing "
                "for all day"
            )
        one, two, three, four = map(int, found.groups())
        start, end = one * 60 + two, three * 60 + four
        return cls(start, end if end > start else end + DAY)

    @property
    def minutes(self) -> int:
        """How long a day's window is."""
        return self.end - self.start

    def is_open(self, moment: datetime) -> bool:
        """Whether the feed listens at an instant."""
        there = moment.astimezone(UTC)
        minute = there.hour * 60 + there.minute
        return self.start <= minute < self.end or self.start <= minute + DAY < self.end
