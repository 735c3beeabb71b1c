// Draws the bars of an instrument with its indicators by TradingView's Lightweight Charts.
import {
  BrokenLine, addWatermark, chartLibrary, chartOptions, writeLegend,
} from '../../frame/static/trading_chart.mjs';
import {
  barChanges, candlesOf, changesFrom, firstCommon, firstInView, legendOf, lineOf, markersOf,
  priceFormat, sinceText, volumesOf, writeChange,
} from './price_data.mjs';

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 7 });
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const writeDay = (day) => (day ? date.format(new Date(`${day}T00:00:00Z`)) : '');
const write = (value) => number.format(value).replace('-', '−');
const CHANGES = { type: 'custom', minMove: 0.01, formatter: writeChange };

class PriceChart {
  constructor(host) {
    this.host = host;
    this.plot = host.querySelector('.plot');
    this.legend = host.querySelector('.legend');
    // Only somebody at the chart changes what part of the span is in view, and with it the base.
    for (const gesture of ['wheel', 'pointerdown', 'touchstart']) {
      this.plot.addEventListener(gesture, () => { this.moved = true; }, { capture: true, passive: true });
    }
  }

  draw(data, lib) {
    this.host.style.height = `${data.height}px`;
    const same = this.data && this.data.id === data.id;
    this.moved = Boolean(same && this.moved);
    const range = this.moved ? this.chart.timeScale().getVisibleLogicalRange() : null;
    this.chart?.remove();
    this.data = data;
    this.base = data.compared.length ? this.commonPlace(0) : -1;
    this.fills = []; // what is drawn in prices, or in changes from the session at the base
    this.chart = lib.createChart(this.plot, this.options(data, lib));
    this.addPrice(lib);
    for (const line of data.compared) this.addCompared(lib, line);
    data.panes.forEach((pane, at) => this.addPane(lib, pane, at + 1));
    this.stretch();
    addWatermark(this.chart, lib, data);
    this.fill();
    if (range) this.chart.timeScale().setVisibleLogicalRange(range);
    else this.chart.timeScale().fitContent();
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((seen) => this.rebase(seen));
    this.chart.subscribeCrosshairMove((event) => this.write(event.time));
    this.rebase(this.chart.timeScale().getVisibleLogicalRange());
    this.write();
  }

  commonPlace(from) {
    const { bars, compared } = this.data;
    return firstCommon([bars.close, ...compared.map(({ values }) => values)], from);
  }

  rebase(seen) {
    if (!this.data.compared.length || !seen) return;
    const base = this.commonPlace(this.moved ? firstInView(seen) : 0);
    if (base === this.base) return;
    this.base = base;
    this.fill();
    this.write();
  }

  fill() {
    for (const fill of this.fills) fill();
    this.host.dataset.base = this.base < 0 ? '' : this.data.bars.days[this.base];
  }

  // Columns of prices of the instrument as they are drawn: as they are, or as changes.
  shown(values) {
    return this.base < 0 ? values : changesFrom(values, this.data.bars.close[this.base]);
  }

  options({ look, isLog, compared }, lib) {
    const options = chartOptions(look);
    // A wider axis or a smaller window takes no session out of view.
    options.timeScale.lockVisibleTimeRangeOnResize = true;
    options.crosshair = { mode: lib.CrosshairMode.Normal };
    options.rightPriceScale.mode = isLog && !compared.length
      ? lib.PriceScaleMode.Logarithmic : lib.PriceScaleMode.Normal;
    return options;
  }

  addPrice(lib) {
    const { bars, overlays, marks, look, kind, compared } = this.data;
    const format = {
      priceFormat: compared.length ? CHANGES : priceFormat(bars.close), priceLineVisible: false,
      title: compared.length ? this.data.name : '',
    };
    if (kind === 'line') {
      const options = { color: look.accent, lineWidth: 2, ...format };
      this.price = this.chart.addCustomSeries(new BrokenLine(), options);
      this.fills.push(() => this.price.setData(lineOf(bars.days, this.shown(bars.close))));
    } else {
      this.price = this.chart.addSeries(lib.CandlestickSeries, {
        upColor: look.up, borderUpColor: look.up, wickUpColor: look.up,
        downColor: look.down, borderDownColor: look.down, wickDownColor: look.down, ...format,
      });
      const changed = () => (this.base < 0 ? bars : barChanges(bars, bars.close[this.base]));
      this.fills.push(() => this.price.setData(candlesOf(changed())));
    }
    const volume = this.chart.addSeries(lib.HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false,
      priceLineVisible: false,
    });
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    volume.setData(volumesOf(bars, `${look.up}70`, `${look.down}70`));
    for (const line of overlays) this.addLine(lib, line, 0);
    for (const level of this.data.levels) this.addLevel(lib, level);
    lib.createSeriesMarkers(this.price, markersOf(bars.days, marks, look));
  }

  addLevel(lib, { price, title, kind }) {
    const { look } = this.data;
    const line = this.price.createPriceLine({
      price, title, color: kind === 'alert' ? look.warn : look.ink, lineWidth: 1,
      lineStyle: kind === 'alert' ? lib.LineStyle.Dotted : lib.LineStyle.Dashed,
    });
    this.fills.push(() => line.applyOptions({ price: this.shown([price])[0] }));
  }

  addCompared(lib, { name, values, color }) {
    const series = this.chart.addSeries(lib.LineSeries, {
      color, lineWidth: 2, priceLineVisible: false, title: name, priceFormat: CHANGES,
      crosshairMarkerVisible: false,
    });
    const { days } = this.data.bars;
    this.fills.push(() => series.setData(lineOf(days, changesFrom(values, values[this.base]))));
  }

  addPane(lib, pane, at) {
    for (const line of pane.lines) this.addLine(lib, line, at);
  }

  addLine(lib, line, pane) {
    const options = {
      color: line.color, lineWidth: 1.5, priceLineVisible: false, lastValueVisible: pane > 0,
      title: line.title ?? '',
      priceFormat: pane === 0 && this.data.compared.length ? CHANGES : priceFormat(line.values),
    };
    const series = line.kind === 'histogram'
      ? this.chart.addSeries(lib.HistogramSeries, options, pane)
      : this.chart.addCustomSeries(new BrokenLine(), options, pane);
    const values = () => (pane === 0 ? this.shown(line.values) : line.values);
    this.fills.push(() => series.setData(lineOf(this.data.bars.days, values())));
    for (const level of line.levels ?? []) {
      series.createPriceLine({
        price: level, color: this.data.look.dim, lineWidth: 1, lineStyle: lib.LineStyle.Dashed,
        axisLabelVisible: false,
      });
    }
  }

  stretch() {
    this.chart.panes().forEach((pane, at) => pane.setStretchFactor(at ? 1 : 3));
  }

  write(day) {
    const { bars, unit } = this.data;
    const shown = day ?? bars.days[bars.days.length - 1];
    const parts = shown ? legendOf(this.data, shown, write, this.base) : [];
    const said = this.base < 0 ? unit : sinceText(writeDay(bars.days[this.base]));
    writeLegend(this.legend, [{ name: writeDay(shown), text: said }, ...parts]);
  }
}

const charts = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector('.price');
  if (!host) return;
  if (!charts.has(host)) charts.set(host, new PriceChart(host));
  chartLibrary(data.library).then((lib) => {
    charts.get(host).draw(data, lib);
    host.dataset.drawn = `${data.bars.days.length}`;
  });
}
