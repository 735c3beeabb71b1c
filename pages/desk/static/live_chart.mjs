// Draws the lines of the live desk by TradingView's Lightweight Charts and keeps the reader's zoom
// while the data change.
import { writeInstant } from '../../frame/static/scales.mjs';
import {
  BrokenLine, addWatermark, chartLibrary, chartOptions, writeLegend,
} from '../../frame/static/trading_chart.mjs';
import {
  chosenView, inView, lineData, pointsOf, remainingView, secondsOf, valueAt, valueStep,
  viewAfterKey, wholeSpan, writeValue,
} from './live_lines.mjs';

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const isSame = (one, other) => Boolean(one && other)
  && Math.abs(one.from - other.from) + Math.abs(one.to - other.to) < 1e-3;

class LiveChart {
  constructor(host) {
    this.host = host;
    this.plot = host.querySelector('.plot');
    this.legend = host.querySelector('.legend');
    this.tip = host.appendChild(document.createElement('div'));
    this.tip.className = 'tip';
    this.view = null; // [from, to] in ms once the reader has chosen; null follows
    this.pointer = null;
    this.marks = new AlertMarks(this);
    this.plot.addEventListener('dblclick', () => this.choose(null));
    this.plot.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.place()).observe(this.plot);
  }

  show(data, lib) {
    const { series, look, mark, zone, relative } = data;
    const kind = JSON.stringify([series.map(({ name }) => name), look, mark, zone, relative]);
    this.data = data;
    if (kind !== this.kind) this.build(lib);
    this.kind = kind;
    this.fill();
  }

  build(lib) {
    const { series, look } = this.data;
    this.chart?.remove();
    this.unit = this.step = null;
    this.chart = lib.createChart(this.plot, this.options(lib));
    this.scale = this.chart.timeScale();
    this.seconds = this.chart.addSeries(lib.LineSeries, { visible: false, priceScaleId: '' });
    this.lines = series.map((_, n) => this.chart.addCustomSeries(new BrokenLine(), {
      color: look.lines[n % look.lines.length], lineWidth: 1.5, priceLineVisible: false,
    }));
    this.chart.panes()[0].attachPrimitive(this.marks);
    addWatermark(this.chart, lib, this.data);
    this.scale.subscribeVisibleLogicalRangeChange((range) => this.moved(range));
    this.chart.subscribeCrosshairMove(({ point }) => {
      this.pointer = point?.x ?? null;
      this.showTip();
    });
    this.plot.setAttribute('aria-label', series.map(({ name }) => name).join(', '));
  }

  options(lib) {
    const options = chartOptions(this.data.look), clock = (seconds) => this.clock(seconds * 1000);
    options.crosshair = { mode: lib.CrosshairMode.Normal };
    options.localization = { timeFormatter: clock };
    options.timeScale = {
      ...options.timeScale, tickMarkFormatter: clock, tickMarkMaxCharacterLength: 10,
      timeVisible: true, secondsVisible: true, fixLeftEdge: true, fixRightEdge: true,
      shiftVisibleRangeOnNewBar: false, lockVisibleTimeRangeOnResize: true,
    };
    return options;
  }

  clock(moment) { return writeInstant(moment, this.data.zone, CLOCK); }

  // New points: all that is drawn comes with each update, so nothing has to be remembered here.
  fill() {
    const { series, relative, gap } = this.data;
    this.whole = wholeSpan(series);
    this.view = remainingView(this.view, this.whole);
    this.points = series.map((line) => pointsOf(line, relative));
    const isEmpty = series.every(({ t }) => t.length === 0);
    const shown = [Math.min(this.whole[0], this.view?.[0] ?? Infinity), this.whole[1]];
    const seconds = isEmpty ? [] : secondsOf(shown);
    this.first = isEmpty ? 0 : seconds[0].time * 1000;
    this.isFilling = true;
    this.seconds.setData(seconds);
    this.lines.forEach((line, n) => line.setData(lineData(this.points[n], gap)));
    this.isFilling = false;
    this.place();
  }

  // Puts the view, the reader's or everything, where it belongs among the seconds.
  place() {
    if (!this.first) return;
    const [from, to] = this.view ?? this.whole;
    this.isFilling = true;
    this.scale.setVisibleLogicalRange({ from: this.placeOf(from), to: this.placeOf(to) });
    this.isFilling = false;
    this.expected = this.scale.getVisibleLogicalRange();
    this.write();
    this.showTip();
  }

  placeOf(moment) { return (moment - this.first) / 1000; }

  momentOf(place) { return this.first + place * 1000; }

  viewOf({ from, to }) {
    return chosenView([this.momentOf(from), this.momentOf(to)], this.whole);
  }

  // Pixels from the left; the library places whole seconds only.
  coordinateOf(moment) {
    const place = this.placeOf(moment), before = Math.floor(place);
    const at = this.scale.logicalToCoordinate(before);
    return at + (place - before) * (this.scale.logicalToCoordinate(before + 1) - at);
  }

  // The reader has moved or zoomed the chart: whatever else moves it is expected.
  moved(range) {
    if (!range || this.isFilling || isSame(range, this.expected)) return;
    this.expected = range;
    this.view = this.viewOf(range);
    if (this.view) this.write(); else this.place();
  }

  // The view ends where the seconds do.
  choose(view) {
    if (!this.first) return;
    this.view = view;
    this.chart.priceScale('right').applyOptions({ autoScale: true });
    this.place();
    if (!view) return;
    this.view = this.viewOf(this.expected);
    this.write();
  }

  key(event) {
    const view = viewAfterKey(this.view ?? this.whole, event.key);
    if (view === undefined) return;
    event.preventDefault();
    this.choose(view);
  }

  write() {
    const [from, to] = this.view ?? this.whole;
    const lines = this.points.map((points) => inView(points, [from, to]));
    this.writeValues(valueStep(lines));
    this.writeNames();
    this.host.dataset.from = Math.round(from); this.host.dataset.to = Math.round(to);
    this.host.dataset.points = lines.flat().length;
    this.host.dataset.zoomed = this.view ? 'yes' : 'no';
  }

  // A line whose last point is old has no last value beside it.
  writeValues(step) {
    const { series, relative, gap } = this.data;
    const formatter = (value) => writeValue(value, step, relative);
    const priceFormat = { type: 'custom', minMove: step, formatter };
    this.lines.forEach((line, n) => {
      const lastValueVisible = valueAt(series[n], this.whole[1], gap) !== null;
      if (step === this.step && lastValueVisible === line.options().lastValueVisible) return;
      line.applyOptions({ priceFormat, lastValueVisible });
    });
    this.step = step;
  }

  writeNames() {
    const { series, look, unit } = this.data;
    const text = this.view ? 'zoomed · double-click follows again' : unit;
    if (text === this.unit) return;
    this.unit = text;
    writeLegend(this.legend, [
      ...series.map(({ name }, n) => ({ name, color: look.lines[n % look.lines.length] })),
      { name: '', text },
    ]);
  }

  showTip() {
    const { tip, pointer } = this, { look, series, gap } = this.data;
    const place = pointer === null ? null : this.scale.coordinateToLogical(pointer);
    const moment = place === null ? NaN : this.momentOf(place);
    if (!(moment >= this.first && moment <= this.whole[1])) { tip.style.display = 'none'; return; }
    const values = series.map((line) => {
      const value = valueAt(line, moment, gap);
      const text = value?.toLocaleString('en', { maximumSignificantDigits: 8 }) ?? 'no price';
      return `${line.name}  ${text}`;
    });
    tip.replaceChildren(...[this.clock(moment), ...values].map((text) => {
      const row = document.createElement('div'); row.textContent = text; return row;
    }));
    const width = this.host.clientWidth;
    tip.style.cssText = `display:block;background:${look.surface};`
      + `color:${look.ink};border:1px solid ${look.grid};`
      + (pointer > width / 2 ? `right:${width - pointer + 8}px` : `left:${pointer + 8}px`);
  }
}

// Where alerts fired: a dashed line down the plot with the name of the instrument, also where it
// had no price.
class AlertMarks {
  constructor(chart) {
    this.chart = chart;
    this.views = [{ renderer: () => ({ draw: (target) => this.draw(target) }) }];
  }

  paneViews() { return this.views; }

  updateAllViews() {}

  draw(target) {
    const { marks, look } = this.chart.data;
    if (!this.chart.first) return;
    target.useMediaCoordinateSpace(({ context: pen, mediaSize: { width, height } }) => {
      pen.font = `11px ${look.font}`;
      pen.strokeStyle = pen.fillStyle = look.warn;
      marks.forEach(({ t, text }, n) => {
        const at = this.chart.coordinateOf(t);
        if (at < 0 || at > width) return;
        pen.setLineDash([3, 3]);
        pen.beginPath(); pen.moveTo(at, 0); pen.lineTo(at, height); pen.stroke();
        pen.fillText(`▲ ${text}`, Math.min(at + 3, width - 60), 12 + 13 * (n % 3));
      });
    });
  }
}

const charts = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector('.live');
  if (!host) return;
  chartLibrary(data.library).then((lib) => {
    if (!charts.has(host)) charts.set(host, new LiveChart(host));
    charts.get(host).show(data, lib);
  });
}
