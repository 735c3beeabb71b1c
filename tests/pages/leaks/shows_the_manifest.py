"""A page that shows the version of a dataset.

Every later publication raises it.
"""

from __future__ import annotations

import streamlit as st

from analytics.core import coverage
from pages.frame.cached import cached
from pages.frame.run import current

cached(coverage.lake_coverage, current().at)
st.caption(f"version {current().at.manifests['macro'].version}")
