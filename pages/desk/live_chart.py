"""Lines that go on by themselves and keep the reader's zoom: a small drawing of our own.

Streamlit's own charts forget the zoom whenever their data change, and these change every second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.frame.theme import Palette

_CHART = st.components.v2.component(
    "live_chart",
    html='<div class="live"><canvas tabindex="0" role="img"></canvas><div class="tip"></div></div>',
    css="""
.live{position:relative;width:100%;height:300px}
.live canvas{position:absolute;inset:0;width:100%;height:100%;cursor:crosshair;outline-offset:-1px}
.live .tip{position:absolute;pointer-events:none;display:none;padding:.2rem .45rem;font-size:12px;
 line-height:1.35;border-radius:3px;white-space:nowrap;font-variant-numeric:tabular-nums}
""",
    js="""
const charts = new WeakMap();
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

class Chart {
  constructor(host) {
    this.host = host;
    this.canvas = host.querySelector('canvas');
    this.tip = host.querySelector('.tip');
    this.view = null;          // [from, to] in ms once the reader has chosen; null follows
    this.at = null;
    const on = (name, call) => this.canvas.addEventListener(name, call, { passive: false });
    on('wheel', (event) => { event.preventDefault(); this.zoom(event); });
    on('pointerdown', (event) => this.grab(event));
    on('pointermove', (event) => this.move(event));
    on('pointerup', () => { this.held = null; });
    on('pointerleave', () => { this.held = null; this.at = null; this.draw(); });
    on('dblclick', () => { this.view = null; this.draw(); });
    on('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(host);
  }
  span() {
    const all = this.data.series.flatMap((one) => [one.t[0], one.t[one.t.length - 1]])
      .filter((t) => t !== undefined);
    return all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
  }
  place() { return { left: 8, right: 74, top: 20, bottom: 22 }; }
  time(x) {
    const box = this.canvas.getBoundingClientRect(), p = this.place();
    const [from, to] = this.view || this.span();
    return from + (to - from) * (x - box.left - p.left) / (box.width - p.left - p.right);
  }
  zoom(event) {
    const [from, to] = this.view || this.span(), [low, high] = this.span();
    const middle = clamp(this.time(event.clientX), from, to);
    const factor = event.deltaY < 0 ? 0.8 : 1.25;
    const next = [middle - (middle - from) * factor, middle + (to - middle) * factor];
    this.view = next[1] - next[0] >= high - low ? null : next;
    this.draw();
  }
  grab(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.held = { x: event.clientX, view: this.view || this.span() };
  }
  move(event) {
    if (this.held) {
      const box = this.canvas.getBoundingClientRect(), p = this.place(), held = this.held.view;
      const width = box.width - p.left - p.right;
      const by = (this.held.x - event.clientX) / width * (held[1] - held[0]);
      if (Math.abs(this.held.x - event.clientX) > 3) this.view = [held[0] + by, held[1] + by];
    }
    this.at = this.time(event.clientX);
    this.draw();
  }
  key(event) {
    const [from, to] = this.view || this.span(), by = (to - from) * 0.1;
    const moves = { ArrowLeft: [-by, -by], ArrowRight: [by, by], '+': [by, -by], '-': [-by, by] };
    if (event.key === 'Escape') this.view = null;
    else if (moves[event.key]) this.view = [from + moves[event.key][0], to + moves[event.key][1]];
    else return;
    event.preventDefault();
    this.draw();
  }
  value(one, n) { return this.data.relative ? (one.v[n] / one.v[0] - 1) * 100 : one.v[n]; }
  draw() {
    if (!this.data) return;
    const { canvas, data } = this, look = data.look, p = this.place();
    const width = canvas.clientWidth, height = canvas.clientHeight, ratio = devicePixelRatio || 1;
    if (!width || !height) return;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio; canvas.height = height * ratio;
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = '11px Inter, Helvetica Neue, Arial, sans-serif';
    const [from, to] = this.view || this.span();
    const shown = data.series.map((one) => one.t
      .map((t, n) => [t, this.value(one, n)]).filter(([t]) => t >= from && t <= to));
    const values = shown.flat().map(([, v]) => v);
    let low = Math.min(...values), high = Math.max(...values);
    if (!values.length) { low = 0; high = 1; }
    const room = (high - low || Math.abs(high) * 1e-4 || 1) * 0.08;
    low -= room; high += room;
    const x = (t) => p.left + (t - from) / (to - from || 1) * (width - p.left - p.right);
    const y = (v) => p.top + (high - v) / (high - low) * (height - p.top - p.bottom);
    if (look.mark) {
      pen.save(); pen.globalAlpha = 0.16; pen.fillStyle = look.ink; pen.textAlign = 'center';
      pen.font = '26px Inter, Helvetica Neue, Arial, sans-serif';
      pen.fillText(look.mark, (width - p.right) / 2, height / 2); pen.restore();
    }
    this.axes(pen, { width, height, p, low, high, from, to, x, y });
    data.marks.forEach((mark, n) => {
      if (mark.t < from || mark.t > to) return;
      pen.strokeStyle = look.warn; pen.setLineDash([3, 3]); pen.beginPath();
      pen.moveTo(x(mark.t), p.top); pen.lineTo(x(mark.t), height - p.bottom); pen.stroke();
      pen.setLineDash([]); pen.fillStyle = look.warn; pen.textAlign = 'left';
      const place = Math.min(x(mark.t) + 3, width - p.right - 60);
      pen.fillText('▲ ' + mark.text, place, p.top + 10 + 13 * (n % 3));
    });
    shown.forEach((points, n) => {
      pen.strokeStyle = look.lines[n % look.lines.length]; pen.lineWidth = 1.4; pen.beginPath();
      points.forEach(([t, v], i) => (i ? pen.lineTo(x(t), y(v)) : pen.moveTo(x(t), y(v))));
      pen.stroke(); pen.lineWidth = 1;
    });
    this.legend(pen, shown, width);
    this.hover(pen, shown, { x, y, p, width, height, from, to });
    this.host.dataset.from = Math.round(from); this.host.dataset.to = Math.round(to);
    this.host.dataset.points = values.length;
    this.host.dataset.zoomed = this.view ? 'yes' : 'no';
    canvas.setAttribute('aria-label', data.series.map((one) => one.name).join(', '));
  }
  axes(pen, { width, height, p, low, high, from, to, x, y }) {
    const look = this.data.look;
    pen.strokeStyle = look.grid; pen.fillStyle = look.dim; pen.textAlign = 'left';
    const step = this.nice((high - low) / 5);
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) {
      pen.beginPath(); pen.moveTo(p.left, y(v)); pen.lineTo(width - p.right, y(v)); pen.stroke();
      pen.fillText(this.write(v, step), width - p.right + 5, y(v) + 4);
    }
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((s) => s * 1000);
    const every = steps.find((s) => (to - from) / s <= 8) || 600000;
    pen.textAlign = 'center';
    for (let t = Math.ceil(from / every) * every; t <= to; t += every) {
      pen.beginPath(); pen.moveTo(x(t), height - p.bottom); pen.lineTo(x(t), height - p.bottom + 4);
      pen.stroke();
      if (x(t) > 24 && x(t) < width - p.right - 10)
        pen.fillText(this.clock(t), x(t), height - 6);
    }
  }
  nice(raw) {
    const power = Math.pow(10, Math.floor(Math.log10(raw || 1)));
    return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) || 10 * power;
  }
  write(v, step) {
    const digits = clamp(-Math.floor(Math.log10(step || 1)), 0, 8);
    const text = v.toLocaleString('en', { minimumFractionDigits: digits,
                                          maximumFractionDigits: digits });
    return this.data.relative ? (v > 0 ? '+' : '') + text + ' %' : text;
  }
  clock(t) {
    return new Intl.DateTimeFormat('en-GB', { timeZone: this.data.zone, hour: '2-digit',
      minute: '2-digit', second: '2-digit' }).format(t);
  }
  legend(pen, shown, width) {
    let left = 8;
    pen.textAlign = 'left';
    this.data.series.forEach((one, n) => {
      pen.fillStyle = this.data.look.lines[n % this.data.look.lines.length];
      pen.fillRect(left, 6, 10, 3);
      pen.fillStyle = this.data.look.ink;
      pen.fillText(one.name, left + 14, 12);
      left += 26 + pen.measureText(one.name).width;
    });
    pen.fillStyle = this.data.look.dim; pen.textAlign = 'right';
    const said = this.view ? 'zoomed · double-click follows again' : this.data.unit;
    pen.fillText(said, width - 74, 12);
  }
  hover(pen, shown, { x, y, p, width, height, from, to }) {
    const tip = this.tip, t = this.at;
    if (t === null || t < from || t > to) { tip.style.display = 'none'; return; }
    pen.strokeStyle = this.data.look.dim; pen.beginPath();
    pen.moveTo(x(t), p.top); pen.lineTo(x(t), height - p.bottom); pen.stroke();
    const lines = this.data.series.map((one, n) => {
      let found = -1;
      for (let i = 0; i < one.t.length && one.t[i] <= t; i++) found = i;
      if (found < 0) return null;
      return one.name + '  ' + one.v[found].toLocaleString('en', { maximumSignificantDigits: 8 });
    }).filter(Boolean);
    tip.replaceChildren(...[this.clock(t), ...lines].map((line) => {
      const row = document.createElement('div'); row.textContent = line; return row;
    }));
    tip.style.cssText = `display:block;top:24px;background:${this.data.look.surface};` +
      `color:${this.data.look.ink};border:1px solid ${this.data.look.grid};` +
      (x(t) > width / 2 ? `right:${width - x(t) + 8}px` : `left:${x(t) + 8}px`);
  }
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector('.live');
  if (!host) return;
  if (!charts.has(host)) charts.set(host, new Chart(host));
  const chart = charts.get(host);
  chart.data = data;
  chart.draw();
}
""",
)


def live_chart(
    series: Sequence[Mapping[str, Any]],
    marks: Sequence[Mapping[str, Any]],
    paint: Palette,
    *,
    zone: str,
    mark: str = "",
) -> None:
    """Lines over time: each has a name, `t` in milliseconds and `v`; several are shown as changes
    since the left edge. `mark` is written across the plot."""
    several = len(series) > 1
    look = {
        "ink": paint.ink,
        "dim": paint.dim,
        "grid": paint.grid,
        "surface": paint.surface,
        "warn": paint.warn,
        "mark": mark,
        "lines": [paint.accent, paint.warn, paint.sequential[6], paint.ink],
    }
    unit = "change since the left edge" if several else "price"
    _CHART(
        key="live_chart",
        data={
            "series": list(series),
            "marks": list(marks),
            "look": look,
            "zone": zone,
            "relative": several,
            "unit": unit,
        },
    )
