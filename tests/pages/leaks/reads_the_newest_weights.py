"""A page that shows the weights of now.

It takes the last version of a plain file, whatever the clock.
"""

from __future__ import annotations

import streamlit as st

from analytics.core import coverage
from analytics.macro import weights
from pages.frame.cached import cached
from pages.frame.run import current

cached(coverage.lake_coverage, current().at)
st.caption(str(weights.book(current().at).versions[-1].assets))
