"""Whether an id has prices and no instrument that describes it: where none has, the list of
instruments need not look for such ids among all prices."""

from __future__ import annotations

from analytics.core.known_history import has_settled
from data.query import At

HINT = "has_undescribed"


def listing_hint(at: At, text: str) -> dict[str, bool]:
    """What a query with `{listed}` is told of that, see `ranking`."""
    if f"${HINT}" not in text:
        return {}
    return {HINT: at.all_vintages or not has_settled(at, "parts/priced_ids")}
