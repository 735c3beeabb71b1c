"""Where barograph finds the packages `data` and `analytics` of its checkout; imported first.

An editable installation names `barograph` alone, so that `data` and the like are not installed
into everybody's environment. Here the checkout goes to the end of the import path.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NEEDED = ("data", "analytics")


def use_checkout(checkout: Path) -> None:
    """Make the packages of a checkout importable, and refuse those of somebody else."""
    if not all((checkout / name / "__init__.py").is_file() for name in NEEDED):
        raise ImportError(
            "barograph reads with the packages of its checkout, which are not beside it; "
            "install it from there with `python -m pip install --no-build-isolation --editable .`"
        )
    if str(checkout) not in sys.path:
        sys.path.append(str(checkout))
    for name in NEEDED:
        found = importlib.import_module(name).__file__
        if found is None or Path(found).resolve().parent != checkout / name:
            raise ImportError(
                f"barograph needs its own package `{name}`, but another one is imported first "
                f"({found or 'a folder without __init__.py'}); rename that, or import barograph "
                "before it"
            )


use_checkout(CHECKOUT)
