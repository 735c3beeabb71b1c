"""Colours and the style sheet: one palette per theme, safe for colour-blind eyes; no drawing here.

Direction is never told by hue alone: blue is up, orange is down, and a sign is always written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Palette:
    """What charts and tables paint with."""

    ink: str
    dim: str
    grid: str
    up: str
    down: str
    accent: str
    surface: str
    past: str
    past_ink: str
    warn: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]


DARK = Palette(
    ink="#e6edf3", dim="#8b9bab", grid="#1d2732", up="#62aef0", down="#f59a2f", accent="#56b4e9",
    surface="#10161d", past="#f0b429", past_ink="#1a1305", warn="#f0b429",
    sequential=("#10202f", "#0f3f66", "#125488", "#1a69a8", "#2a7fc4", "#4695d6", "#68abe3",
                "#8cc1ed", "#b3d7f5", "#dcecfb"),
    diverging=("#ffc067", "#f59a2f", "#d9771a", "#a3560f", "#5b3a1c", "#1f3b57", "#23619b",
               "#2f86cf", "#62aef0", "#a9d5ff"),
)  # fmt: skip
LIGHT = Palette(
    ink="#16202b", dim="#5a6876", grid="#e2e8ee", up="#1d6fb8", down="#b35806", accent="#0072b2",
    surface="#f7f9fb", past="#8a5a00", past_ink="#ffffff", warn="#8a5a00",
    sequential=("#eaf3fb", "#cfe3f5", "#aacfee", "#80b7e3", "#579dd5", "#3783c3", "#216bab",
                "#15568f", "#0d4272", "#082f54"),
    diverging=("#7f3b08", "#b35806", "#d9812a", "#f2b36b", "#fbdfc0", "#d3e5f5", "#96c3e8",
               "#559bd3", "#2a73b5", "#134b7f"),
)  # fmt: skip


def palette(kind: Kind) -> Palette:
    """The palette of a theme."""
    return LIGHT if kind == "light" else DARK


def style_sheet(kind: Kind) -> str:
    """What the theme's keys cannot say: density, badges, tables."""
    paint = palette(kind)
    variables = ";".join(
        f"--b-{name}:{getattr(paint, name)}"
        for name in (
            "ink", "dim", "grid", "up", "down", "accent", "surface", "past", "past_ink", "warn",
        )
    )  # fmt: skip
    return f"<style>:root{{{variables}}}\n{SHEET}</style>"


SHEET = """
[data-testid="stMainBlockContainer"]{padding:.5rem 1rem 2rem 1rem;max-width:none}
[data-testid="stHeader"]{height:2.2rem;background:transparent;pointer-events:none}
[data-testid="stHeader"] *{pointer-events:auto}
[data-testid="stSidebar"]{min-width:190px!important;max-width:190px!important}
[data-testid="stSidebarHeader"]{padding:.4rem .6rem 0 .6rem;height:1.9rem;margin:0}
[data-testid="stSidebarContent"]{font-size:.95rem}
[data-testid="stVerticalBlock"]{gap:.55rem}
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"]{gap:.1rem}
[data-testid="stSidebarUserContent"]{padding:0 .5rem 1rem .8rem!important}
[data-testid="stSidebarContent"]{padding:0}
[class*="st-key-panel-"]{background:var(--b-surface);padding:.5rem .7rem .6rem .7rem!important}
.b-brand{font-weight:700;letter-spacing:.02em;font-size:1.15rem;display:flex;gap:.5rem;
 align-items:center;margin-bottom:.4rem}
.b-section{color:var(--b-dim);font-size:.75rem;letter-spacing:.08em;text-transform:uppercase;
 margin:.6rem 0 .1rem .2rem}
.b-chip{display:inline-block;font-size:.75rem;font-weight:650;letter-spacing:.05em;
 padding:.1rem .42rem;border-radius:3px;border:1px solid currentColor;white-space:nowrap}
.b-demo{color:var(--b-past_ink);background:var(--b-past);border-color:var(--b-past)}
.b-ok{color:var(--b-dim)} .b-stale,.b-partial,.b-late{color:var(--b-warn)}
.b-error{color:var(--b-down)} .b-empty{color:var(--b-dim)}
.b-head{display:flex;gap:.55rem;align-items:baseline;flex-wrap:wrap;line-height:1.25}
.b-head h3{font-size:1rem;font-weight:620;margin:0;padding:0}
.b-head .b-unit{color:var(--b-dim);font-size:.87rem}
.b-title{font-size:1.35rem;font-weight:650;line-height:1.2;margin:0;padding:0}
.b-note{color:var(--b-dim);font-size:.9rem;line-height:1.35}
.b-say{border-left:3px solid var(--b-warn);padding:.25rem .6rem;font-size:.95rem;line-height:1.4}
.b-say.error{border-color:var(--b-down)} .b-say.empty{border-color:var(--b-grid)}
.b-say b{font-weight:620} .b-say .b-step{color:var(--b-dim)}
.b-facts{margin:0!important;padding:0!important;display:flex;flex-wrap:wrap;border:1px solid var(--b-grid);border-radius:3px;
 background:var(--b-surface)}
.b-facts>div{flex:1 1 108px;padding:.4rem .75rem;border-right:1px solid var(--b-grid)}
.b-facts>div:last-child{border-right:0}
.b-facts dt{margin:0;padding:0;color:var(--b-dim);font-size:.78rem;white-space:nowrap}
.b-facts dd{margin:0;padding:0;font-size:1.2rem;font-weight:600;white-space:nowrap}
.b-facts dd small{font-size:.8rem;font-weight:400;color:var(--b-dim)}
.b-scroll{overflow:auto}
table.b-table{border-collapse:collapse;width:100%;font-size:.92rem;line-height:1.25}
table.b-table caption{position:absolute;left:-9999px}
table.b-table th{position:sticky;top:0;background:var(--b-surface);color:var(--b-dim);
 font-weight:550;font-size:.8rem;text-align:left;padding:.2rem .5rem;
 border-bottom:1px solid var(--b-grid);white-space:nowrap;z-index:1}
table.b-table td{padding:.19rem .5rem;border-bottom:1px solid var(--b-grid);white-space:nowrap}
table.b-table tr:last-child td{border-bottom:0}
table.b-table tbody tr:hover td{background:color-mix(in srgb,var(--b-accent) 9%,transparent)}
table.b-table .n{text-align:right;font-variant-numeric:tabular-nums}
table.b-table .w{white-space:normal;min-width:9rem}
table.b-table .t{max-width:15rem;overflow:hidden;text-overflow:ellipsis}
table.b-table .g td{color:var(--b-dim);font-size:.78rem;letter-spacing:.06em;
 text-transform:uppercase;padding-top:.5rem}
table.b-table td.warn{color:var(--b-warn)}
table.b-table .id{font-family:"JetBrains Mono",monospace;font-size:.87em}
.b-up{color:var(--b-up)} .b-down{color:var(--b-down)} .b-dim{color:var(--b-dim)}
.b-none{color:var(--b-dim);opacity:.7}
.b-bar{display:inline-block;position:relative;width:72px;height:.72rem;vertical-align:-1px;
 background:linear-gradient(90deg,transparent 49.5%,var(--b-grid) 49.5%,var(--b-grid) 50.5%,
 transparent 50.5%)}
.b-bar i{position:absolute;top:0;bottom:0;border-radius:1px}
[class*="st-key-frame-bar"]{gap:.3rem!important;row-gap:.2rem!important}
[class*="st-key-step-"] button{padding:0 .34rem!important;min-height:1.75rem;min-width:1.9rem}
[class*="st-key-step-"] kbd,[class*="st-key-step-"] [data-testid="stButtonShortcut"]{display:none}
[class*="st-key-frame-"] button{min-height:1.75rem;padding-top:0;padding-bottom:0}
.st-key-frame-clock-past [data-testid="stPopoverButton"]{background:var(--b-past);
 color:var(--b-past_ink);border-color:var(--b-past)}
.st-key-frame-clock-past [data-testid="stPopoverButton"] *{color:var(--b-past_ink)}
.st-key-frame-clock-past [data-testid="stPopoverButton"] p,
.st-key-frame-clock-now [data-testid="stPopoverButton"] p{font-weight:650}
.st-key-frame-clock-now [data-testid="stPopoverButton"]{border-color:var(--b-accent)}
[class*="st-key-menu-"] button [data-testid="stIconMaterial"]+*,[class*="st-key-menu-"] button>div>div:last-child:not(:first-child){display:none}
[class*="st-key-menu-"] button{min-height:1.4rem;padding:0 .3rem;border:0;background:transparent}
@media (max-width:1200px){
 table.b-table td,table.b-table th{padding-left:.32rem;padding-right:.32rem}
 table.b-table .t{max-width:8rem}
 .b-bar{width:48px}
 .b-facts>div{flex-basis:88px;padding:.35rem .5rem}
 .b-facts dd small{display:none}
 [class*="st-key-frame-find"] kbd,[class*="st-key-frame-find"] button>div>div:last-child span{font-size:.8rem}
}
"""
