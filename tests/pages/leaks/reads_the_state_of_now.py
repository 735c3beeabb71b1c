"""A page that lists what the team has now.

It asks the state without the clock.
"""

from __future__ import annotations

import streamlit as st

from analytics.core import coverage
from data.clock import LAST
from data.state import watchlists
from pages.frame.cached import cached
from pages.frame.run import current

cached(coverage.lake_coverage, current().at)
state = current().services.state
assert state is not None
st.caption(", ".join(item.name for item in watchlists.listed(state, as_of=LAST)))
