"""A page that shows how long ago its clock was.

It tells the machine's time apart from the reader's.
"""

from __future__ import annotations

import streamlit as st

from analytics.core import coverage
from pages.frame.cached import cached
from pages.frame.resources import now
from pages.frame.run import current

cached(coverage.lake_coverage, current().at)
st.caption(f"{(now() - current().view.as_of).days} days before now")
