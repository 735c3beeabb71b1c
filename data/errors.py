"""The error tree: what an analyst may read says what was expected, what was found, what to do."""

from __future__ import annotations


class WorkstationError(Exception):
    """The root: its text is shown to people as it stands, so it is one clear sentence or a few."""


class ConfigError(WorkstationError):
    """A setting, a name or an argument that cannot be used."""


class AccountsError(ConfigError):
    """Accounts that, as they were filed, a calculation cannot start from."""


class ContractError(WorkstationError):
    """A table that breaks the contract of its dataset; it is refused whole."""


class UploadError(WorkstationError):
    """A file or a text that somebody gave cannot be read; nothing of it was kept."""


class LakeError(WorkstationError):
    """The lake cannot be read or written as it lies on the disk."""


class QueryError(WorkstationError):
    """A query that is refused (it writes, it escapes the clock) or that fails."""


class StateError(WorkstationError):
    """The state database cannot be used."""


class SourceError(WorkstationError):
    """A source answered with something other than data."""


class BudgetError(WorkstationError):
    """A quota would be exceeded; nothing was sent."""


class BusError(WorkstationError):
    """The tick bus does not answer, is full, or holds something that is no block of ticks."""
