"""What intervals of estimates share."""

from __future__ import annotations

NORMAL_95 = 1.96
