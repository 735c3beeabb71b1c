"""A page that asks at the machine's time.

It ignores the frame's clock.
"""

from __future__ import annotations

from analytics.core import coverage
from data.clock import utc_now
from pages.frame.cached import cached
from pages.frame.resources import resources

cached(coverage.lake_coverage, resources().db.at(utc_now()))
