// What all charts have that TradingView's Lightweight Charts draws: the library, the look, the
// legend, the mark across the plot, and lines that end where nothing is known.

let loading;
// A component itself comes from a blob, so the address has to be whole.
export const chartLibrary = (address) => (
  loading ??= import(new URL(address, document.baseURI).href)
);

export function chartOptions(look) {
  return {
    autoSize: true,
    layout: {
      background: { type: 'solid', color: 'transparent' }, textColor: look.dim, fontSize: 11,
      fontFamily: look.font, attributionLogo: false,
      panes: { separatorColor: look.grid, separatorHoverColor: look.grid },
    },
    grid: { vertLines: { color: look.grid }, horzLines: { color: look.grid } },
    rightPriceScale: { borderColor: look.grid },
    timeScale: { borderColor: look.grid },
  };
}

export function addWatermark(chart, lib, { mark, look }) {
  if (!mark) return;
  lib.createTextWatermark(chart.panes()[0], {
    lines: [{ text: mark, color: `${look.ink}30`, fontSize: 28 }],
  });
}

// Each part has a name, and may have a text and the colour of its line.
export function writeLegend(legend, parts) {
  legend.replaceChildren(...parts.map((part) => {
    const cell = document.createElement('span');
    const name = document.createElement('b');
    name.textContent = part.name;
    if (part.color) name.style.color = part.color;
    cell.append(name, ` ${part.text ?? ''}`);
    return cell;
  }));
}

// A kind of series: the library's own line goes straight on to the next point, whatever lay
// between. A point with `begins` is not joined to the one before; a point by itself is a dot.
export class BrokenLine {
  constructor() { this.pen = { draw: (target, toY) => this.draw(target, toY) }; }

  renderer() { return this.pen; }

  defaultOptions() { return { lineWidth: 2 }; }

  isWhitespace({ value }) { return value === undefined; }

  priceValueBuilder({ value }) { return [value]; }

  update(data, options) { this.data = data; this.options = options; }

  // The library places only the bars in view; a line goes on to the edge from the one beyond it.
  inView() {
    const { bars, barSpacing, visibleRange } = this.data ?? {};
    if (!visibleRange || visibleRange.from >= visibleRange.to) return [];
    const { x, time } = bars[visibleRange.from];
    return bars.slice(Math.max(visibleRange.from - 1, 0), visibleRange.to + 1)
      .map(({ time: at, originalData: { value, begins } }) => (
        { value, begins, x: x + (at - time) * barSpacing }
      ));
  }

  draw(target, toY) {
    target.useMediaCoordinateSpace(({ context }) => {
      context.strokeStyle = context.fillStyle = this.options.color;
      context.lineWidth = this.options.lineWidth;
      context.lineJoin = 'round';
      for (const run of runsOf(this.inView())) {
        context.beginPath();
        if (run.length === 1) {
          context.arc(run[0].x, toY(run[0].value), this.options.lineWidth, 0, 2 * Math.PI);
          context.fill();
        } else {
          for (const { x, value } of run) context.lineTo(x, toY(value));
          context.stroke();
        }
      }
    });
  }
}

// Points that are joined to each other.
export function runsOf(points) {
  const runs = [];
  for (const point of points) {
    if (point.begins || runs.length === 0) runs.push([point]);
    else runs[runs.length - 1].push(point);
  }
  return runs;
}
