// Draws the bars of an instrument with its indicators by TradingView's Lightweight Charts.
import {
  candlesOf, legendOf, lineOf, markersOf, priceFormat, volumesOf,
} from './price_data.mjs';

let loading;
// The component itself comes from a blob, so the address has to be whole.
const library = (address) => (loading ??= import(new URL(address, document.baseURI).href));

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 7 });
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const writeDay = (day) => (day ? date.format(new Date(`${day}T00:00:00Z`)) : '');
const write = (value) => number.format(value).replace('-', '−');

class PriceChart {
  constructor(host) {
    this.host = host;
    this.plot = host.querySelector('.plot');
    this.legend = host.querySelector('.legend');
  }

  draw(data, lib) {
    this.host.style.height = `${data.height}px`;
    const same = this.data && this.data.id === data.id;
    const range = same ? this.chart.timeScale().getVisibleLogicalRange() : null;
    this.chart?.remove();
    this.data = data;
    this.chart = lib.createChart(this.plot, this.options(data, lib));
    this.addPrice(lib);
    data.panes.forEach((pane, at) => this.addPane(lib, pane, at + 1));
    this.stretch();
    this.addMark(lib);
    if (range) this.chart.timeScale().setVisibleLogicalRange(range);
    else this.chart.timeScale().fitContent();
    this.chart.subscribeCrosshairMove((event) => this.write(event.time));
    this.write();
  }

  options({ look, isLog }, lib) {
    return {
      autoSize: true,
      layout: {
        background: { type: 'solid', color: 'transparent' }, textColor: look.dim, fontSize: 11,
        fontFamily: look.font, attributionLogo: false,
        panes: { separatorColor: look.grid, separatorHoverColor: look.grid },
      },
      grid: { vertLines: { color: look.grid }, horzLines: { color: look.grid } },
      crosshair: { mode: lib.CrosshairMode.Normal },
      rightPriceScale: {
        borderColor: look.grid,
        mode: isLog ? lib.PriceScaleMode.Logarithmic : lib.PriceScaleMode.Normal,
      },
      timeScale: { borderColor: look.grid },
    };
  }

  addPrice(lib) {
    const { bars, overlays, marks, look, kind } = this.data;
    const format = { priceFormat: priceFormat(bars.close), priceLineVisible: false };
    if (kind === 'line') {
      const options = { color: look.accent, lineWidth: 2, ...format };
      this.price = this.chart.addSeries(lib.LineSeries, options);
      this.price.setData(lineOf(bars.days, bars.close));
    } else {
      this.price = this.chart.addSeries(lib.CandlestickSeries, {
        upColor: look.up, borderUpColor: look.up, wickUpColor: look.up,
        downColor: look.down, borderDownColor: look.down, wickDownColor: look.down, ...format,
      });
      this.price.setData(candlesOf(bars));
    }
    const volume = this.chart.addSeries(lib.HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false,
      priceLineVisible: false,
    });
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    volume.setData(volumesOf(bars, `${look.up}70`, `${look.down}70`));
    for (const line of overlays) this.addLine(lib, line, 0);
    lib.createSeriesMarkers(this.price, markersOf(bars.days, marks, look.warn));
  }

  addPane(lib, pane, at) {
    for (const line of pane.lines) this.addLine(lib, line, at);
  }

  addLine(lib, line, pane) {
    const kind = line.kind === 'histogram' ? lib.HistogramSeries : lib.LineSeries;
    const series = this.chart.addSeries(kind, {
      color: line.color, lineWidth: 1.5, priceLineVisible: false, lastValueVisible: pane > 0,
      crosshairMarkerVisible: false, priceFormat: priceFormat(line.values),
    }, pane);
    series.setData(lineOf(this.data.bars.days, line.values));
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

  addMark(lib) {
    const { mark, look } = this.data;
    if (!mark) return;
    lib.createTextWatermark(this.chart.panes()[0], {
      lines: [{ text: mark, color: `${look.ink}30`, fontSize: 28 }],
    });
  }

  write(day) {
    const { bars, unit } = this.data;
    const shown = day ?? bars.days[bars.days.length - 1];
    const parts = shown ? legendOf(this.data, shown, write) : [];
    this.legend.replaceChildren(...[{ name: writeDay(shown), text: unit }, ...parts].map((part) => {
      const cell = document.createElement('span');
      const name = document.createElement('b');
      name.textContent = part.name;
      if (part.color) name.style.color = part.color;
      cell.append(name, ` ${part.text}`);
      return cell;
    }));
  }
}

const charts = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector('.price');
  if (!host) return;
  if (!charts.has(host)) charts.set(host, new PriceChart(host));
  library(data.library).then((lib) => {
    charts.get(host).draw(data, lib);
    host.dataset.drawn = `${data.bars.days.length}`;
  });
}
