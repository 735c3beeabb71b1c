"""How many items of the inbox the reader has not read, for the entry of the page Alerts.

It goes by the clock as the inbox does: at a past one it is what was unread then.
"""

from __future__ import annotations

from data.errors import WorkstationError
from data.state import inbox
from pages.frame.errors import explain
from pages.frame.reader import reader, state_clock
from pages.frame.run import current


def unread_count() -> int:
    """Counted to a hundred; none where the state cannot be used, which the frame says."""
    run = current()
    if run.services.state is None:
        return 0
    try:
        return inbox.unread(run.services.state, reader().id, as_of=state_clock(run))
    except WorkstationError as error:
        explain(error, "inbox")
        return 0


def unread_words(count: int) -> str:
    """As the entry shows it."""
    shown = "99+" if count >= inbox.MOST_COUNTED else str(count)
    return f"{shown} unread"
