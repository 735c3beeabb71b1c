"""What the views of a regime say, in words that fit the numbers beside them.

A state that is kept against its own number says so: the band of the rule, the months that a call
of the model takes to begin and to end, the three months that a vote holds. No Streamlit here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analytics.regimes.quadrants import SAHM_POINTS
from analytics.regimes.regimes import DWELL
from analytics.regimes.switching import CALL, END, IN_A_ROW

Row = Mapping[str, Any]
Fact = tuple[str, str, str]
INPUTS = ("growth", "inflation")
HALF = 0.5
MOST_DIGITS = 6
SAME = 1e-9  # nearer to an edge than this a number stands on it


def digits_apart(value: float, edges: Iterable[float], least: int) -> int:
    """With how many digits a number, and every edge, still show on which side it stands."""
    apart = [edge for edge in edges if abs(value - edge) > SAME]
    for digits in range(least, MOST_DIGITS):
        if all(round(value, digits) != round(edge, digits) for edge in apart):
            return digits
    return MOST_DIGITS


def chance_digits(chance: float) -> int:
    """Digits of a chance in percent: on its side of a half and of where calls begin and end."""
    return digits_apart(100 * chance, (100 * END, 100 * HALF, 100 * CALL), 0)


def impulse_digits(row: Row, name: str) -> int:
    """Digits of an impulse: on its side of nought and of its band."""
    impulse, band = row[f"{name}_impulse"], row[f"{name}_band"]
    if impulse is None:
        return 2
    return digits_apart(impulse, (0.0,) if band is None else (0.0, band, -band), 2)


def rise_digits(row: Row) -> int:
    """Digits of the rise of joblessness: on its side of the call."""
    return digits_apart(row["rise"], (SAHM_POINTS,), 2)


def signed(value: float, digits: int) -> str:
    """With its sign; nought has none of its own."""
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def percent(chance: float) -> str:
    """A chance."""
    return f"{100 * chance:.{chance_digits(chance)}f} %"


def kept_inputs(row: Row) -> list[str]:
    """Which inputs of the rule stand in a state that their number does not say by itself."""
    return [
        name
        for name in INPUTS
        if row[f"{name}_state"] is not None
        and (
            row[f"{name}_impulse"] is None or row[f"{name}_impulse"] * row[f"{name}_state"] <= SAME
        )
    ]


def quadrant(row: Row) -> str:
    """The word of the rule; marked where a state is kept within its band."""
    return f"{row['quadrant']} (kept)" if kept_inputs(row) else str(row["quadrant"])


def rule_fact(row: Row, lasted: int) -> Fact:
    """The quadrant, how long it has lasted, and what of it is kept."""
    kept = "".join(f"; {_kept(row, name)}" for name in kept_inputs(row))
    months = "1 month" if lasted == 1 else f"{lasted} months"
    return "Rule", quadrant(row), f"{months}, {row['month']:%b %Y}{kept}"


def _kept(row: Row, name: str) -> str:
    impulse, band = row[f"{name}_impulse"], row[f"{name}_band"]
    if impulse is None:
        return f"{name} has no impulse this month, its state is kept"
    digits = impulse_digits(row, name)
    wide = "" if band is None else f" of ±{band:.{digits}f}"
    return f"{name} {signed(impulse, digits)} is within its band{wide}, its state is kept"


def rule_turns(row: Row) -> list[str]:
    """What would change each input of the rule."""
    return [
        _turn(row, name)
        for name in INPUTS
        if None not in (row[f"{name}_impulse"], row[f"{name}_band"])
    ]


def _turn(row: Row, name: str) -> str:
    digits = impulse_digits(row, name)
    way = "falls below −" if row[f"{name}_state"] > 0 else "rises above +"
    return (
        f"{name} turns when its impulse, {signed(row[f'{name}_impulse'], digits)}, "
        f"{way}{row[f'{name}_band']:.{digits}f}"
    )


def model_fact(row: Row) -> Fact:
    """The chance and the call; why they differ where one could be read as denying the other."""
    chance, called, so_far = row["p_filtered"], row["model_called"], row["toward"]
    word = "recession called" if called else "no recession called"
    if called and chance <= CALL:
        word += f"; it ends after {IN_A_ROW} months below {percent(END)}, {so_far} so far"
    elif not called and chance > HALF:
        word += f"; it takes {IN_A_ROW} months above {percent(CALL)}, {so_far} so far"
    return "Chance of weak growth", percent(chance), f"{word}, {row['month']:%b %Y}"


def model_turns(row: Row) -> str:
    """What would change the call."""
    if row["model_called"]:
        return f"the call ends after {IN_A_ROW} months below {percent(END)}"
    return f"a recession is called after {IN_A_ROW} months above {percent(CALL)}"


def jobless_fact(row: Row) -> Fact:
    """The Sahm indicator, and whether it calls a recession."""
    digits = rise_digits(row)
    edge = signed(SAHM_POINTS, 2)
    word = f"{'called' if row['jobless_called'] else 'not called'}, threshold {edge}"
    return "Sahm indicator", f"{signed(row['rise'], digits)} pp", f"{word}, {row['month']:%b %Y}"


def vote(row: Row) -> str | None:
    """The word of the vote; marked where it is kept against the votes of its month."""
    if row["weak"] is None:
        return None
    word = "weak" if row["weak"] else "not weak"
    return f"{word} (kept)" if row["kept"] else word


def vote_fact(row: Row) -> Fact:
    """The vote, who says weak, who is missing, and why it is kept where it is."""
    says = {
        "rule": None if row["growth_state"] is None else row["growth_state"] < 0,
        "chance": None if row["p_filtered"] is None else row["p_filtered"] > HALF,
        "Sahm indicator": row["jobless_called"],
    }
    weak, absent = (
        [name for name, said in says.items() if said is wanted] for wanted in (True, None)
    )
    told = f"{row['votes']} of {row['members']} say weak"
    told += f" ({', '.join(weak)})" if weak else ""
    told += f", without the {' and the '.join(absent)}" if absent else ""
    told += f"; a vote holds {DWELL} months" if row["kept"] else ""
    return "Vote", str(vote(row)), f"{told}, {row['month']:%b %Y}"


def table_digits(rows: Iterable[Row]) -> dict[str, int]:
    """Digits of the columns of a table: as many as its closest call needs."""
    rows = list(rows)
    chances = [chance_digits(row["p_filtered"]) for row in rows if row["p_filtered"] is not None]
    rises = [rise_digits(row) for row in rows if row["rise"] is not None]
    impulses = {name: [impulse_digits(row, name) for row in rows] for name in INPUTS}
    return {
        "chance": max(chances, default=0),
        "rise": max(rises, default=2),
        **{name: max(numbers, default=2) for name, numbers in impulses.items()},
    }


def table_row(row: Row) -> dict[str, Any]:
    """A month as it reads in a table."""
    chance, agree, called = row["p_filtered"], row["agree"], row["jobless_called"]
    return dict(row) | {
        "month": f"{row['month']:%b %Y}",
        "quadrant": None if row["quadrant"] is None else quadrant(row),
        "p_filtered": None if chance is None else 100 * chance,
        "called": None if called is None else "called" if called else "not called",
        "vote": vote(row),
        "agreed": None if agree is None else "yes" if agree else "no",
    }
