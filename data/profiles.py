"""Profiles: what a team of some size pays for and stores, as plain files that people edit.

A plan in a profile stands in the place of the provider's free one in the quotas file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import ConfigError
from data.quotas import QUOTAS, Quota, quota_of, read_quotas
from data.settings import REPOSITORY, Settings

FOLDER = REPOSITORY / "ingest" / "profiles"
AMOUNTS = ("budget_usd", "disk_gb", "bucket_gb")
FIELDS = {"about", "plans", *AMOUNTS}


@dataclass(frozen=True, slots=True)
class Profile:
    """`budget_usd` is for a month; the lake goes to the disk, and its backups to the bucket."""

    name: str
    about: str
    budget_usd: float
    disk_gb: float
    bucket_gb: float
    plans: Mapping[str, Quota] = field(hash=False)

    def in_force(self, quotas: Mapping[str, Quota]) -> dict[str, Quota]:
        """The quotas with the plans that this profile pays for."""
        if strange := sorted(self.plans.keys() - quotas.keys()):
            raise ConfigError(
                f"the profile {self.name} has a plan of {', '.join(strange)}, and the quotas file "
                "has none of that name; names are those of the sources"
            )
        return {**quotas, **self.plans}


def read_profile(word: str) -> Profile:
    """`free`, `hobby`, `team`, or a file of the same form."""
    path = FOLDER / f"{word}.toml" if word.isidentifier() else Path(word)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
        raise ConfigError(
            f"the profile {path} cannot be read as TOML: {error}; there are {known}"
        ) from None
    if strange := sorted(raw.keys() - FIELDS):
        raise ConfigError(
            f"{path.name}: unknown fields {', '.join(strange)}; expected "
            + ", ".join(sorted(FIELDS))
        )
    plans = raw.get("plans", {})
    if not isinstance(plans, dict):
        raise ConfigError(
            f"{path.name}: `plans` holds a section for each source, as in quotas.toml"
        )
    return Profile(
        name=path.stem,
        about=str(raw.get("about", "")),
        plans={name: quota_of(name, facts) for name, facts in plans.items()},
        **{name: _amount(path.name, name, raw.get(name)) for name in AMOUNTS},
    )


def quotas_in_force(settings: Settings, path: Path = QUOTAS) -> dict[str, Quota]:
    """What each provider allows this installation: the quotas file, with the plans it pays for."""
    return read_profile(settings.profile).in_force(read_quotas(path))


def _amount(file: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ConfigError(f"{file}: `{name}` is {value!r}; expected a number that is not negative")
    return float(value)
