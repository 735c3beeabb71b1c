"""A page that keeps an answer without the clock in its key.

Whoever came first decides what everybody sees.
"""

from __future__ import annotations

from pages.frame.cached import cached
from pages.frame.run import current
from tests.pages.leaks.store import coverage_once

cached(coverage_once, current().at)
