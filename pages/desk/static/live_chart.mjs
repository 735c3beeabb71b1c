// Draws the lines of the live desk on a canvas and keeps the reader's zoom while the data change.
import {
  FONT, linear, roundStep, stepWithin, ticks, writeInstant, writeTick,
} from '../../frame/static/scales.mjs';
import {
  inView, pointsOf, segments, valueAt, valueRange, viewAfterKey, wholeSpan, zoomed,
} from './live_lines.mjs';

const MARGIN = { left: 8, right: 74, top: 20, bottom: 22 };
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((seconds) => seconds * 1000);
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' };

class LiveChart {
  constructor(host) {
    this.host = host;
    this.canvas = host.querySelector('canvas');
    this.tip = host.querySelector('.tip');
    this.view = null; // [from, to] in ms once the reader has chosen; null follows
    this.pointer = null;
    this.drag = null;
    const on = (name, call) => this.canvas.addEventListener(name, call, { passive: false });
    on('wheel', (event) => { event.preventDefault(); this.zoom(event); });
    on('pointerdown', (event) => this.grab(event));
    on('pointermove', (event) => this.move(event));
    on('pointerup', () => { this.drag = null; });
    on('pointerleave', () => { this.drag = null; this.pointer = null; this.draw(); });
    on('dblclick', () => { this.view = null; this.draw(); });
    on('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(host);
  }

  span() { return this.view ?? wholeSpan(this.data.series); }

  moment(x) {
    const box = this.canvas.getBoundingClientRect();
    const plot = [box.left + MARGIN.left, box.right - MARGIN.right];
    return linear(plot, this.span())(x);
  }

  zoom(event) {
    const factor = event.deltaY < 0 ? 0.8 : 1.25, moment = this.moment(event.clientX);
    this.view = zoomed(this.span(), wholeSpan(this.data.series), moment, factor);
    this.draw();
  }

  grab(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { x: event.clientX, view: this.span() };
  }

  move(event) {
    if (this.drag && Math.abs(this.drag.x - event.clientX) > 3) {
      const [from, to] = this.drag.view, box = this.canvas.getBoundingClientRect();
      const width = box.width - MARGIN.left - MARGIN.right;
      const by = (this.drag.x - event.clientX) / width * (to - from);
      this.view = [from + by, to + by];
    }
    this.pointer = this.moment(event.clientX);
    this.draw();
  }

  key(event) {
    const view = viewAfterKey(this.span(), event.key);
    if (view === undefined) return;
    this.view = view;
    event.preventDefault();
    this.draw();
  }

  clock(moment) { return writeInstant(moment, this.data.zone, CLOCK); }

  draw() {
    if (!this.data) return;
    const { canvas, data } = this;
    const width = canvas.clientWidth, height = canvas.clientHeight, ratio = devicePixelRatio || 1;
    if (!width || !height) return;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio; canvas.height = height * ratio;
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `11px ${FONT}`;
    const [from, to] = this.span();
    const lines = data.series.map((series) => inView(pointsOf(series, data.relative), [from, to]));
    const [low, high] = valueRange(lines);
    const x = linear([from, to], [MARGIN.left, width - MARGIN.right]);
    const y = linear([high, low], [MARGIN.top, height - MARGIN.bottom]);
    const frame = { width, height, low, high, from, to, x, y };
    this.watermark(pen, frame);
    this.axes(pen, frame);
    this.marks(pen, frame);
    lines.forEach((points, n) => this.line(pen, frame, points, this.color(n)));
    this.legend(pen, width);
    this.hover(pen, frame);
    this.host.dataset.from = Math.round(from); this.host.dataset.to = Math.round(to);
    this.host.dataset.points = lines.flat().length;
    this.host.dataset.zoomed = this.view ? 'yes' : 'no';
    canvas.setAttribute('aria-label', data.series.map(({ name }) => name).join(', '));
  }

  color(n) { return this.data.look.lines[n % this.data.look.lines.length]; }

  line(pen, { x, y }, points, color) {
    pen.strokeStyle = pen.fillStyle = color; pen.lineWidth = 1.4;
    for (const run of segments(points, this.data.gap)) {
      pen.beginPath();
      if (run.length === 1) pen.arc(x(run[0].t), y(run[0].v), 1.4, 0, 2 * Math.PI);
      else run.forEach(({ t, v }, n) => (n ? pen.lineTo(x(t), y(v)) : pen.moveTo(x(t), y(v))));
      if (run.length === 1) pen.fill(); else pen.stroke();
    }
    pen.lineWidth = 1;
  }

  watermark(pen, { width, height }) {
    const { look } = this.data;
    if (!look.mark) return;
    pen.save(); pen.globalAlpha = 0.16; pen.fillStyle = look.ink; pen.textAlign = 'center';
    pen.font = `26px ${FONT}`;
    pen.fillText(look.mark, (width - MARGIN.right) / 2, height / 2); pen.restore();
  }

  axes(pen, { width, height, low, high, from, to, x, y }) {
    const { look, relative } = this.data, right = width - MARGIN.right;
    pen.strokeStyle = look.grid; pen.fillStyle = look.dim; pen.textAlign = 'left';
    const step = roundStep((high - low) / 5);
    for (const value of ticks(low, high, step)) {
      pen.beginPath(); pen.moveTo(MARGIN.left, y(value)); pen.lineTo(right, y(value)); pen.stroke();
      const text = writeTick(value, step);
      pen.fillText(relative ? `${value > 0 ? '+' : ''}${text} %` : text, right + 5, y(value) + 4);
    }
    const bottom = height - MARGIN.bottom;
    pen.textAlign = 'center';
    for (const moment of ticks(from, to, stepWithin(to - from, TIME_STEPS, 8, 600000))) {
      const at = x(moment);
      pen.beginPath(); pen.moveTo(at, bottom); pen.lineTo(at, bottom + 4); pen.stroke();
      if (at > 24 && at < right - 10) pen.fillText(this.clock(moment), at, height - 6);
    }
  }

  marks(pen, { width, height, from, to, x }) {
    const { look, marks } = this.data;
    marks.forEach((mark, n) => {
      if (mark.t < from || mark.t > to) return;
      const at = x(mark.t);
      pen.strokeStyle = look.warn; pen.setLineDash([3, 3]); pen.beginPath();
      pen.moveTo(at, MARGIN.top); pen.lineTo(at, height - MARGIN.bottom); pen.stroke();
      pen.setLineDash([]); pen.fillStyle = look.warn; pen.textAlign = 'left';
      const left = Math.min(at + 3, width - MARGIN.right - 60);
      pen.fillText(`▲ ${mark.text}`, left, MARGIN.top + 10 + 13 * (n % 3));
    });
  }

  legend(pen, width) {
    const { look, series, unit } = this.data;
    let left = 8;
    pen.textAlign = 'left';
    series.forEach(({ name }, n) => {
      pen.fillStyle = this.color(n);
      pen.fillRect(left, 6, 10, 3);
      pen.fillStyle = look.ink;
      pen.fillText(name, left + 14, 12);
      left += 26 + pen.measureText(name).width;
    });
    pen.fillStyle = look.dim; pen.textAlign = 'right';
    const text = this.view ? 'zoomed · double-click follows again' : unit;
    pen.fillText(text, width - MARGIN.right, 12);
  }

  hover(pen, { width, height, from, to, x }) {
    const { tip, pointer } = this, { look, series, gap } = this.data;
    if (pointer === null || pointer < from || pointer > to) { tip.style.display = 'none'; return; }
    const at = x(pointer);
    pen.strokeStyle = look.dim; pen.beginPath();
    pen.moveTo(at, MARGIN.top); pen.lineTo(at, height - MARGIN.bottom); pen.stroke();
    const values = series.map((line) => {
      const value = valueAt(line, pointer, gap);
      const text = value?.toLocaleString('en', { maximumSignificantDigits: 8 }) ?? 'no price';
      return `${line.name}  ${text}`;
    });
    tip.replaceChildren(...[this.clock(pointer), ...values].map((text) => {
      const row = document.createElement('div'); row.textContent = text; return row;
    }));
    tip.style.cssText = `display:block;top:24px;background:${look.surface};`
      + `color:${look.ink};border:1px solid ${look.grid};`
      + (at > width / 2 ? `right:${width - at + 8}px` : `left:${at + 8}px`);
  }
}

const charts = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector('.live');
  if (!host) return;
  if (!charts.has(host)) charts.set(host, new LiveChart(host));
  const chart = charts.get(host);
  chart.data = data;
  chart.draw();
}
