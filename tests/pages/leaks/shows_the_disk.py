"""A page that shows what lies on the disk, whatever the clock.

It places a number that no analytic was asked for.
"""

from __future__ import annotations

import streamlit as st

from analytics.core import coverage
from pages.frame.cached import cached
from pages.frame.resources import resources
from pages.frame.run import current

cached(coverage.lake_coverage, current().at)
st.caption(f"{resources().db.manifest('prices').rows} rows on disk")
