// What of a series is known at a frame, and the points that are drawn of it. Pure functions.
//
// A series is columns of accounts in the order in which they became known: `f` the frame, `t` the
// instant it is about, `c` the close, where there are any `o`, `h`, `l`, the factor `split`, and
// `old` for a price that was carried on.
import { isKnown } from '../../frame/static/scales.mjs';

// Of each instant the last account that had come by a frame, in the order of the instants:
// `rows` are places in the columns, `factors` turn prices into shares of the last session.
// `earlier` is what this function gave for the series before; it is continued if it can be.
export function knownAt(series, frame, earlier = null) {
  const { f, t } = series;
  const continues = earlier && earlier.frame <= frame;
  if (continues && !(f[earlier.end] <= frame)) return earlier;
  const known = continues ? earlier : { end: 0, latest: new Map(), rows: [] };
  while (f[known.end] <= frame) {
    const row = known.end++;
    if (known.latest.has(t[row])) {
      known.rows[known.rows.indexOf(known.latest.get(t[row]))] = row;
    } else {
      let place = known.rows.length;
      while (place && t[known.rows[place - 1]] > t[row]) place--;
      known.rows.splice(place, 0, row);
    }
    known.latest.set(t[row], row);
  }
  known.frame = frame;
  known.points = null;
  known.factors = splitFactors(series, known.rows);
  return known;
}

// By what a price of each row is divided, so that it compares with one of the last row.
export function splitFactors({ split }, rows) {
  const factors = rows.map(() => 1);
  if (!split) return factors;
  let factor = 1;
  for (let n = rows.length - 1; n >= 0; n--) {
    factors[n] = factor;
    if (split[rows[n]] > 0) factor *= split[rows[n]];
  }
  return factors;
}

// Points of the prices since `start`; as changes they are percent since the first of them.
export function pricePoints(series, known, { start, isChange }) {
  const points = [];
  let base = null;
  known.rows.forEach((row, n) => {
    const factor = known.factors[n], close = series.c[row];
    if (!isKnown(close) || series.t[row] < start) return;
    if (base === null) base = close / factor;
    const scale = (v) => (isChange ? (v / factor / base - 1) * 100 : v / factor);
    const price = (column) => (column ? scale(column[row] ?? close) : null);
    points.push({
      t: series.t[row], c: scale(close), o: price(series.o), h: price(series.h),
      l: price(series.l), old: series.old?.[row] ?? false,
    });
  });
  return points;
}

// Points [instant, value] of another column since `start`; numbers of shares grow with a split.
export function columnPoints({ t }, known, values, { start, isShares }) {
  return known.rows
    .map((row, n) => [t[row], isKnown(values[row]) && isShares
      ? values[row] * known.factors[n] : values[row]])
    .filter(([moment, value]) => isKnown(value) && moment >= start);
}

// The width of time between neighbouring candles; a hundredth of the window for a single one.
export function candleStep(points, span) {
  const steps = points.slice(1, 60).map((point, n) => point.t - points[n].t).filter((d) => d > 0);
  return points.length > 1 ? Math.min(...steps) : span / 100;
}

// "equity0  101.5  · old": the last value, and whether it is older than `age` milliseconds or was
// carried on.
export function seriesLabel(name, point, { moment, age, isChange }) {
  if (!point) return `${name}  no price yet`;
  const value = isChange ? `${point.c > 0 ? '+' : ''}${point.c.toFixed(2)} %`
    : point.c.toLocaleString('en', { maximumSignificantDigits: 7 });
  return `${name}  ${value}${moment - point.t > age || point.old ? '  · old' : ''}`;
}
