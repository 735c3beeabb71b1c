// Draws one frame of a window on a canvas: prices and what lies under them, or the moving heatmap.
//
// What is drawn depends on the number of the frame and on nothing else, so that no speed, step or
// scrub can show it otherwise; the digest says so.
import {
  FONT, clamp, linear, padded, roundStep, stepWithin, ticks, writeInstant, writeTick,
} from '../../frame/static/scales.mjs';
import { Digest } from './digest.mjs';
import { instantOptions, isProminent } from './frames.mjs';
import { candleStep, columnPoints, knownAt, pricePoints, seriesLabel } from './known_series.mjs';
import { moveAt, rampColor, shareOf, tileLayout } from './tiles.mjs';

export const SIGNS = {
  event: '◆', headline: '¶', release: '●', regime: '■', bias: '±', alert: '▲', note: '✎',
};
const LEFT = 8, RIGHT = 74, MOST_CANDLES = 700;
const PANES = [0.6, 0.14, 0.13, 0.13];
const TIME_STEPS = [1, 5, 15, 30, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 604800, 2629800,
  7889400, 31557600].map((seconds) => seconds * 1000);
const FIVE_YEARS = 157788000000;

const minus = (text) => text.replace('-', '−');
const percent = (digits) => (v) => minus(`${(v * 100).toFixed(digits)} %`);
const basisPoints = (v) => minus(`${(v * 1e4).toFixed(2)} bp`);
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

export class Picture {
  constructor(canvas) { this.canvas = canvas; }

  // Another window, or the same one looked at anew.
  begin(data) {
    this.data = data;
    this.known = new Map();
    this.layout = null;
  }

  clock(moment, isLong) {
    const { zone, scale } = this.data;
    return writeInstant(moment, zone, instantOptions(scale, isLong));
  }

  // The digest of what was drawn; null where the canvas has no size yet.
  draw(frame) {
    const { canvas, data } = this;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const ratio = globalThis.devicePixelRatio || 1;
    if (!width || !height) return null;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    }
    const pen = this.pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `11px ${FONT}`;
    this.digest = new Digest();
    Object.assign(this, { frame, width, height, right: width - RIGHT });
    if (data.tiles) this.tiles(); else this.panes();
    this.watermark();
    return this.digest;
  }

  watermark() {
    const { pen, data, height } = this;
    if (!data.mark) return;
    pen.save(); pen.globalAlpha = 0.16; pen.fillStyle = data.look.ink; pen.textAlign = 'center';
    pen.font = `26px ${FONT}`;
    pen.fillText(data.mark, this.right / 2, height * 0.3);
    pen.restore();
  }

  knownOf(series) {
    const known = knownAt(series, this.frame, this.known.get(series));
    this.known.set(series, known);
    return known;
  }

  panes() {
    const { data, height } = this, lead = data.series[0], whole = height - 24;
    let top = 6;
    const boxes = (lead?.rich ? PANES : [1]).map((share) => {
      const box = { top, height: whole * share - 8 };
      top += whole * share;
      return box;
    });
    const x = linear([data.start, data.end], [LEFT, this.right]);
    this.timeAxis(x);
    const shown = data.series.map((series) => ({ series, known: this.knownOf(series) }));
    this.marks(data.events.filter((event) => event.f <= this.frame && isProminent(event)), x,
      boxes[0]);
    this.prices(shown, x, boxes[0]);
    if (lead?.rich) this.lowerPanes(shown[0], x, boxes);
    this.instants(x);
  }

  lowerPanes(lead, x, boxes) {
    const { words, scale } = this.data, { v, s, d } = lead.series;
    const pane = (n, kind, title, values, write) => this.pane(lead, x, boxes[n],
      { kind, title, values, write });
    pane(1, 'bars', 'volume', v, (value) => compact.format(value));
    pane(2, 'line', words[0], s, scale === 'days' ? percent(1) : basisPoints);
    pane(3, 'fall', words[1], d, percent(2));
  }

  // Upright lines at the instant of the frame and, once it is reached, at the centre of the window.
  instants(x) {
    const { pen, data, height } = this, { look, centre } = data;
    const moment = data.moments[this.frame];
    const upright = (at) => this.stroke([x(at), 4], [x(at), height - 20]);
    pen.strokeStyle = look.accent; pen.globalAlpha = 0.55;
    upright(moment ?? data.start); pen.globalAlpha = 1;
    if (centre === null || !(centre <= moment)) return;
    pen.strokeStyle = look.warn; pen.lineWidth = 2;
    upright(centre);
    pen.lineWidth = 1; this.digest.number(centre);
  }

  stroke(...corners) {
    const { pen } = this;
    pen.beginPath();
    corners.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }

  timeAxis(x) {
    const { pen, data, height } = this, { start, end, look } = data;
    pen.fillStyle = look.dim; pen.strokeStyle = look.grid; pen.textAlign = 'center';
    for (const moment of ticks(start, end, stepWithin(end - start, TIME_STEPS, 9, FIVE_YEARS))) {
      const at = x(moment);
      this.stroke([at, 4], [at, height - 20]);
      if (at > 30 && at < this.width - 90) pen.fillText(this.clock(moment), at, height - 6);
    }
  }

  marks(events, x, box) {
    const { pen, data, height } = this, ends = [];
    for (const event of events) {
      const at = x(data.moments[event.f]), isLoud = ['alert', 'event'].includes(event.kind);
      pen.globalAlpha = isLoud ? 0.9 : 0.35;
      pen.strokeStyle = pen.fillStyle = isLoud ? data.look.warn : data.look.dim;
      pen.setLineDash([3, 3]); this.stroke([at, box.top], [at, height - 20]); pen.setLineDash([]);
      pen.globalAlpha = 1; pen.textAlign = 'center';
      pen.fillText(SIGNS[event.kind], at, box.top + 9);
      this.digest.number(event.f);
      if (!isLoud) continue;
      const text = event.text.length > 34 ? `${event.text.slice(0, 33)}…` : event.text;
      const size = pen.measureText(text).width;
      const left = clamp(at + 7, 8, this.right - 8 - size);
      let row = ends.findIndex((end) => end < left);
      if (row < 0) row = ends.length;
      if (row < 3) {
        ends[row] = left + size + 8;
        pen.textAlign = 'left'; pen.fillText(text, left, box.top + 22 + row * 13);
      }
      this.digest.text(text);
    }
  }

  prices(shown, x, box) {
    const { data } = this, isChange = shown.length > 1;
    const lines = shown.map(({ series, known }) => {
      known.points ??= pricePoints(series, known, { start: data.start, isChange });
      return known.points;
    });
    let low = Infinity, high = -Infinity;
    for (const p of lines.flat()) {
      low = Math.min(low, p.l ?? p.c); high = Math.max(high, p.h ?? p.c);
    }
    if (!(high >= low)) { this.empty(box); return; }
    [low, high] = padded([low, high], 1e-3);
    const y = linear([high, low], [box.top + 30, box.top + box.height]);
    this.grid(low, high, y, isChange ? ' %' : '');
    lines.forEach((points, n) => {
      points.forEach((p) => { this.digest.number(p.t); this.digest.number(p.c); });
      if (shown[n].series.o && !isChange && points.length < MOST_CANDLES) {
        this.candles(points, x, y);
      } else this.closes(points, x, y, n, shown[n].series.h);
    });
    this.legend(shown, lines, box, isChange);
  }

  // The line of the closes of series `n`, with the range of each session where it is known.
  closes(points, x, y, n, hasRanges) {
    const { pen, data } = this, color = data.look.lines[n % data.look.lines.length];
    pen.strokeStyle = color; pen.lineWidth = n ? 1 : 1.5; pen.globalAlpha = n > 6 ? 0.45 : 1;
    this.stroke(...points.map((p) => [x(p.t), y(p.c)]));
    pen.lineWidth = 1; pen.globalAlpha = 1;
    if (hasRanges) points.forEach((p) => this.faint([x(p.t), y(p.h)], [x(p.t), y(p.l)], color));
  }

  faint(from, to, color) {
    const { pen } = this;
    if (from[1] === to[1]) return;
    pen.strokeStyle = color; pen.globalAlpha = 0.4;
    this.stroke(from, to);
    pen.globalAlpha = 1;
  }

  candles(points, x, y) {
    const { pen, data } = this, { start, end, look } = data;
    const step = candleStep(points, end - start);
    const wide = clamp((x(start + step) - x(start)) * 0.7, 1, 13);
    for (const p of points) {
      const isRise = p.c >= p.o, left = x(p.t) - wide / 2;
      pen.strokeStyle = pen.fillStyle = isRise ? look.up : look.down;
      this.stroke([x(p.t), y(p.h)], [x(p.t), y(p.l)]);
      const upper = y(Math.max(p.o, p.c)), tall = Math.max(Math.abs(y(p.o) - y(p.c)), 1);
      if (isRise && wide > 3) {
        pen.fillStyle = look.surface; pen.fillRect(left, upper, wide, tall);
        pen.strokeRect(left, upper, wide, tall);
      } else pen.fillRect(left, upper, wide, tall);
    }
  }

  empty(box) {
    const { pen, data } = this;
    pen.fillStyle = data.look.dim; pen.textAlign = 'left';
    pen.fillText('No price is known at this frame yet.', 14, box.top + 40);
  }

  grid(low, high, y, unit) {
    const { pen, data, right } = this, step = roundStep((high - low) / 5);
    pen.textAlign = 'left';
    for (const value of ticks(low, high, step)) {
      pen.strokeStyle = data.look.grid; this.stroke([LEFT, y(value)], [right, y(value)]);
      pen.fillStyle = data.look.dim;
      pen.fillText(writeTick(value, step) + unit, right + 5, y(value) + 4);
    }
  }

  legend(shown, lines, box, isChange) {
    const { pen, data } = this, { look } = data, top = box.top + box.height + 2;
    const terms = { moment: data.moments[this.frame], age: data.old, isChange };
    let left = 8;
    pen.textAlign = 'left';
    for (const [n, { series }] of shown.entries()) {
      if (left > this.width - 200 && n && n < shown.length - 1) {
        pen.fillText(`and ${shown.length - n} more`, left, top);
        return;
      }
      const text = seriesLabel(series.name, lines[n].at(-1), terms);
      pen.fillStyle = look.lines[n % look.lines.length];
      pen.fillRect(left, top - 6, 10, 3);
      pen.fillStyle = look.ink; pen.fillText(text, left + 14, top);
      left += 30 + pen.measureText(text).width;
    }
  }

  // A small pane under the prices: bars, a line, or the fall from the last high.
  pane({ series, known }, x, box, { kind, title, values, write }) {
    const { pen, data } = this, { look, start } = data;
    const points = columnPoints(series, known, values, { start, isShares: kind === 'bars' });
    const bottom = box.top + box.height, last = points.at(-1);
    pen.strokeStyle = look.grid; this.stroke([LEFT, bottom], [this.right, bottom]);
    const y = linear(paneRange(points, kind).reverse(), [box.top + 12, bottom - 1]);
    const color = { fall: look.down, bars: look.dim, line: look.accent }[kind];
    pen.strokeStyle = pen.fillStyle = color;
    if (kind === 'bars') {
      const wide = clamp((this.right - LEFT) / Math.max(points.length, 60) * 0.6, 1, 9);
      pen.globalAlpha = 0.6;
      points.forEach(([t, v]) => pen.fillRect(x(t) - wide / 2, y(v), wide, bottom - y(v)));
      pen.globalAlpha = 1;
    } else if (points.length) {
      this.stroke(...points.map(([t, v]) => [x(t), y(v)]));
      if (kind === 'fall') {
        pen.globalAlpha = 0.2; pen.lineTo(x(last[0]), y(0)); pen.lineTo(x(points[0][0]), y(0));
        pen.fill(); pen.globalAlpha = 1;
      }
    }
    points.forEach(([, v]) => this.digest.number(v));
    pen.fillStyle = look.dim; pen.textAlign = 'left';
    pen.fillText(`${title}  ${last ? write(last[1]) : '–'}`, LEFT, box.top + 8);
  }

  // A moving heatmap: each instrument keeps its place, its colour is its last move as then known.
  tiles() {
    const { pen, data, frame, width, height } = this, map = data.tiles;
    if (this.layout?.width !== width || this.layout.height !== height) {
      const box = { left: LEFT, right: width - 8, top: 4, height: height - 24 };
      this.layout = { width, height, ...tileLayout(map, box) };
    }
    let known = 0, risen = 0;
    for (const cell of this.layout.cells) {
      const move = moveAt(map, frame, cell.n);
      if (move !== null) known++;
      if (move > 0) risen++;
      this.tile(cell, move);
      this.digest.part((move ?? map.none) & 65535);
    }
    pen.fillStyle = data.look.dim; pen.textAlign = 'left';
    for (const { name, x, y } of this.layout.headings) pen.fillText(name, x + 1, y - 3);
    const text = `${risen} of ${known} rose · colours end at ±${map.scale / 100} % · `
      + 'struck through: not known';
    pen.fillText(text, LEFT, height - 6);
  }

  tile({ n, x, y, w, h }, move) {
    const { pen, data } = this, { look, tiles } = data;
    const share = move === null ? 0 : shareOf(move, tiles.scale);
    pen.fillStyle = move === null ? look.grid : rampColor(look.diverging, share);
    pen.fillRect(x, y, w - 1, h - 1);
    if (move === null && w > 8) this.faint([x, y + h - 1], [x + w - 1, y], look.dim);
    if (w <= 34 || h <= 14) return;
    pen.fillStyle = Math.abs(share) > 0.5 ? look.surface : look.ink;
    pen.textAlign = 'left'; pen.fillText(tiles.names[n].slice(0, 6), x + 3, y + 11);
  }
}

// What a small pane covers: zero belongs to it, but not to that of a line.
export function paneRange(points, kind) {
  const values = points.map(([, value]) => value);
  let low = Math.min(...(kind === 'line' && values.length ? values : [0, ...values]));
  let high = Math.max(0, ...values);
  if (!(high > low)) {
    low -= 0.5 * Math.abs(low) || 1e-9;
    high += 0.5 * Math.abs(high) || 1e-9;
  }
  return [low, high];
}
