// Turns the columns that the page sends into what the chart library takes; nulls stay gaps.
import { isKnown } from '../../frame/static/scales.mjs';

const isPrice = (value) => isKnown(value) && value > 0;

/** Candles, a bar that lacks one of its prices as a gap. */
export function candlesOf({ days, open, high, low, close }) {
  return days.map((time, at) => {
    const bar = { open: open[at], high: high[at], low: low[at], close: close[at] };
    return Object.values(bar).every(isKnown) ? { time, ...bar } : { time };
  });
}

/** A line, what is not known as a gap; a point after one begins anew. */
export function lineOf(days, values) {
  return days.map((time, at) => (
    isKnown(values[at]) ? { time, value: values[at], begins: !isKnown(values[at - 1]) } : { time }
  ));
}

/** Volumes in the colour of their session: up where the close is not below the open. */
export function volumesOf({ days, open, close, volume }, up, down) {
  return days.map((time, at) => {
    if (!isKnown(volume[at])) return { time };
    const fell = isKnown(open[at]) && isKnown(close[at]) && close[at] < open[at];
    return { time, value: volume[at], color: fell ? down : up };
  });
}

// How a mark of a kind is drawn, with the name of its colour.
const SHAPES = {
  event: ['aboveBar', 'circle', 0.6, 'warn'],
  note: ['aboveBar', 'square', 0.6, 'accent'],
  buy: ['belowBar', 'arrowUp', 1, 'up'],
  sell: ['aboveBar', 'arrowDown', 1, 'down'],
};

/** The place of a mark: its session or the next one; nothing before the first. What the desk did
 * after the last session stands there, an event does not. */
export function placeOf(days, { day: about, kind = 'event' }) {
  if (days.length === 0 || about < days[0]) return -1;
  const place = days.findIndex((day) => day >= about);
  return place < 0 && kind !== 'event' ? days.length - 1 : place;
}

/** Marks as markers, in the order of time. */
export function markersOf(days, marks, colors) {
  const placed = marks
    .map((mark) => ({ place: placeOf(days, mark), letter: mark.letter, kind: mark.kind ?? 'event' }))
    .filter(({ place }) => place >= 0);
  placed.sort((one, other) => one.place - other.place);
  return placed.map(({ place, letter, kind }) => {
    const [position, shape, size, color] = SHAPES[kind];
    return { time: days[place], position, shape, size, color: colors[color], text: letter };
  });
}

/** The first place at or after `from` at which every column has a price above zero; else of all. */
export function firstCommon(columns, from) {
  const isWhole = (at) => columns.every((values) => isKnown(values[at]) && values[at] > 0);
  const places = columns[0].map((_, at) => at).filter(isWhole);
  return places.find((at) => at >= from) ?? places[0] ?? -1;
}

/** The first place in view; a range that begins a hair behind a session has it in view. */
export function firstInView({ from }) {
  return Math.max(0, Math.ceil(from - 0.01));
}

/** What the changes of the legend are, with others beside the price. */
export function sinceText(day) {
  return `changes in % since ${day}, each in its own currency`;
}

/** Percent from the value at a place; what is not known stays unknown, and a price at or below zero
 * is no share of another, as in the table beside the chart. */
export function changesFrom(values, base) {
  return values.map((value) => (isPrice(value) && base > 0 ? 100 * (value / base - 1) : null));
}

/** Bars whose four prices are percent from one price; volumes stay as they are. */
export function barChanges(bars, base) {
  const { open, high, low, close } = bars;
  const [from, top, bottom, to] = [open, high, low, close].map((part) => changesFrom(part, base));
  return { ...bars, open: from, high: top, low: bottom, close: to };
}

/** A change in percent with its sign. */
export function writeChange(value) {
  const text = value.toFixed(2);
  return `${value > 0 ? '+' : ''}${text} %`.replace('-', '−');
}

/** As many decimals as a price of this size needs, and the least step that is drawn. */
export function priceFormat(values) {
  const largest = Math.max(0, ...values.filter(isKnown).map(Math.abs));
  const small = largest > 0 ? Math.max(6, 3 - Math.floor(Math.log10(largest))) : 6;
  const precision = largest >= 10 ? 2 : largest >= 1 ? 4 : Math.min(small, 12);
  return { type: 'price', precision, minMove: 10 ** -precision };
}

/** A computed value with as many decimals as its scale shows. */
function shownLike(values, value) {
  return Number(value.toFixed(priceFormat(values).precision));
}

/** What the legend says of one session: every known value with its name. With others beside it,
 * the change of each from the session at `base`. */
export function legendOf(data, day, write, base = -1) {
  const at = data.bars.days.indexOf(day);
  if (at < 0) return [];
  const { open, high, low, close, volume } = data.bars;
  const prices = [['O', open], ['H', high], ['L', low], ['C', close]]
    .filter(([, column]) => isKnown(column[at]))
    .map(([name, column]) => ({ name, text: write(column[at]) }));
  if (isKnown(volume[at])) prices.push({ name: 'Vol', text: write(volume[at]) });
  const changed = base < 0 ? [] : [{ name: data.name, values: close }, ...data.compared]
    .map(({ name, values, color }) => ({ name, color, value: changesFrom(values, values[base])[at] }))
    .filter(({ value }) => isKnown(value))
    .map(({ name, color, value }) => ({ name, color, text: writeChange(value) }));
  const lines = [...data.overlays, ...data.panes.flatMap((pane) => pane.lines)]
    .filter((line) => isKnown(line.values[at]))
    .map((line) => ({
      name: line.name, text: write(shownLike(line.values, line.values[at])), color: line.color,
    }));
  const marks = data.marks.filter((mark) => placeOf(data.bars.days, mark) === at)
    .map((mark) => ({ name: mark.letter, text: mark.text }));
  return [...changed, ...prices, ...lines, ...marks];
}
