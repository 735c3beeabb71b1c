"""What holds for every draft of the gold set, whatever its world."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.golden import gold

NEIGHBOURS = """
SELECT value AS found FROM macro WHERE series_id = '{series}' AND period IN (
    (SELECT max(period) FROM macro WHERE series_id = '{series}' AND period < DATE '{period}'),
    (SELECT min(period) FROM macro WHERE series_id = '{series}' AND period > DATE '{period}'),
    DATE '{period}' - INTERVAL 1 YEAR)
ORDER BY period
"""


def check_text(draft: gold.GoldDraft) -> None:
    """Quotes stand at their spans without overlap, and no digit is forgotten."""
    left, end = "", 0
    for part in draft.stretches:
        start, stop = part["span"]
        assert draft.text[start:stop] == part["quote"], (draft.name, part)
        assert start >= end, f"{draft.name}: {part['quote']} overlaps the one before"
        left += draft.text[end:start] + " "
        end = stop
    left += draft.text[end:]
    for aside in sorted(draft.asides, key=len, reverse=True):
        left = left.replace(aside, " ")
    assert not [letter for letter in left if letter.isdigit()], f"{draft.name}: {left}"
    ids = [claim["id"] for claim in draft.claims]
    assert len(set(ids)) == len(ids)


def check_claim(lake: gold.Lake, draft: gold.GoldDraft, claim: dict[str, Any]) -> None:
    """The proof gives the expected value, and the verdict follows from it by plain arithmetic."""
    where = f"{draft.name} {claim['id']} {claim['quote']!r}"
    verdict, expected = claim["verdict"], claim["expected"]
    value = gold.found(lake, draft.date, claim["proof"])
    assert gold.same(value, expected), f"{where}: expected {expected}, the lake has {value}"
    assert claim["class"] == gold.CLASSES[verdict]
    assert {gold.CLASSES[other] for other in claim.get("also", ())} <= {claim["class"]}
    later = gold.found(lake, draft.checked_at, claim["proof"])
    match verdict:
        case "supported" | "within rounding":
            assert gold.holds(claim, value), where
            assert gold.holds(claim, later), f"{where}: no longer true at the second check: {later}"
            if "relation" not in claim and claim["kind"] != "direction":
                assert gold.same(claim["stated"], value) == (verdict == "supported"), where
        case "superseded":
            assert gold.holds(claim, value), where
            assert gold.same(later, claim.get("later")), where
            assert not gold.holds(claim, later), where
        case "wrong value" | "wrong period":
            assert not gold.holds(claim, value), where
        case "wrong direction" | "unit error":
            _check_size(claim, value, where)
        case "not in the lake":
            assert value == 0, where
        case "ambiguous":
            assert len(claim["subject"]) > 1, where
            assert str(value).split() == claim["subject"], where
    _check_movement(lake, draft, claim, where)
    _check_periods(lake, draft, claim, where)


def _check_size(claim: dict[str, Any], value: Any, where: str) -> None:
    """Right in its digits, wrong in its sign or its unit."""
    if claim["kind"] in ("direction", "comparison"):
        assert not gold.holds(claim, value), where
        return
    off = abs(abs(claim["stated"]) - abs(value))
    assert off <= claim["tolerance"] + gold.SLACK, where
    if claim["verdict"] == "unit error":
        assert claim["expected_unit"] != claim["unit"], where
    elif "direction" not in claim:
        assert claim["stated"] * value < 0, where


def _check_movement(
    lake: gold.Lake, draft: gold.GoldDraft, claim: dict[str, Any], where: str
) -> None:
    if "direction" not in claim:
        return
    moved = gold.found(lake, draft.date, claim["proof_direction"])
    assert gold.same(moved, claim["moved"]), f"{where}: moved by {moved}"
    assert gold.moved_as_stated(claim) == (claim["verdict"] != "wrong direction"), where


def _check_periods(
    lake: gold.Lake, draft: gold.GoldDraft, claim: dict[str, Any], where: str
) -> None:
    """A wrong period has the value of a neighbour, a wrong value has not."""
    if claim["verdict"] == "wrong period":
        other = gold.found(lake, draft.date, claim["proof_other"])
        assert abs(other - claim["stated"]) <= claim["tolerance"] + gold.SLACK, where
    if claim["verdict"] != "wrong value" or claim["measure"] != "level":
        return
    if len(claim["subject"]) == 1:
        query = NEIGHBOURS.format(series=claim["subject"][0], period=first_day(claim["period"]))
        near = lake(draft.date).sql(query).frame["found"].to_list()
        assert all(abs(n - claim["stated"]) > claim["tolerance"] for n in near), f"{where}: {near}"


def first_day(period: str) -> date:
    """The first day of `2024`, `2024-Q2`, `2024-05` or of a day."""
    year, _, rest = period.partition("-")
    if rest.startswith("Q"):
        return date(int(year), 3 * int(rest[1]) - 2, 1)
    month, _, day = rest.partition("-")
    return date(int(year), int(month or 1), int(day or 1))
