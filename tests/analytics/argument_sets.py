"""Analytics whose arguments are drawn from a part of the lake: live trades, reporters of trade."""

from __future__ import annotations

# Over trades rather than sessions.
LIVE = frozenset(
    {
        "last_trades",
        "live_metrics",
        "live_tape",
        "ohlc",
        "rule_record",
        "rule_rehearsal",
        "rule_replay",
        "tick_gaps",
        "window_points",
    }
)
# Of a country that reports trade, or of a group of such.
TRADE = frozenset(
    {
        "bloc_screen",
        "commodity_dependence",
        "intra_industry",
        "mirror_gaps",
        "terms_of_trade",
        "trade_alternatives",
        "trade_dependency",
        "trade_history",
        "trade_links",
        "trade_map",
        "trade_month_history",
        "trade_partners",
        "trade_periods",
        "trade_products",
        "trade_totals",
    }
)
