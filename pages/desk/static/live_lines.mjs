// The lines of the live chart as numbers: which points are known, where a line breaks, what is in
// view. Pure functions; a series has instants `t` in milliseconds, in order, and values `v`.
import {
  bounds, isKnown, lastAtOrBefore, padded, roundStep, writeTick,
} from '../../frame/static/scales.mjs';

const STEP = 1000; // milliseconds from one place on the axis to the next

// From the first instant of any series to the last one.
export function wholeSpan(series) {
  return bounds(series.flatMap(({ t }) => [t[0], t[t.length - 1]])) ?? [0, 1];
}

// Points with a value or null. As changes they are percent since the first known value.
export function pointsOf({ t, v }, isChange) {
  const base = v.find(isKnown);
  return t.map((moment, n) => {
    const value = !isKnown(v[n]) ? null : isChange ? (v[n] / base - 1) * 100 : v[n];
    return { t: moment, v: isKnown(value) ? value : null };
  });
}

export function inView(points, [from, to]) {
  return points.filter(({ t }) => t >= from && t <= to);
}

// Runs of points to join: a line breaks where a value is not known and where none came for longer
// than `gap` milliseconds, since what lay between is not known either.
export function segments(points, gap) {
  const runs = [];
  let last = null;
  for (const point of points) {
    if (point.v !== null) {
      if (last && point.t - last.t <= gap) runs[runs.length - 1].push(point);
      else runs.push([point]);
    }
    last = point.v === null ? null : point;
  }
  return runs;
}

// The runs as the chart takes them; its instants are seconds.
export function lineData(points, gap) {
  return segments(points, gap).flatMap((run) => (
    run.map(({ t, v }, n) => ({ time: Math.round(t / STEP), value: v, begins: n === 0 }))
  ));
}

// Every second from one instant to another, so that a hole is as wide as it was long. The axis ends
// where the last value does, so each has one, of a line that is never drawn.
export function secondsOf([from, to]) {
  const first = Math.floor(from / STEP), count = Math.ceil(to / STEP) - first + 1;
  return Array.from({ length: count }, (_, n) => ({ time: first + n, value: 1 }));
}

// The values that the vertical axis covers; 0 to 1 where nothing is known.
export function valueRange(lines) {
  return padded(bounds(lines.flatMap((points) => points.map(({ v }) => v))) ?? [0, 1], 1e-4);
}

// What a series was worth at a moment; null before its first point, where a value is not known,
// and where the last point is older than a gap.
export function valueAt({ t, v }, moment, gap) {
  const place = lastAtOrBefore(t, moment);
  return place >= 0 && moment - t[place] <= gap && isKnown(v[place]) ? v[place] : null;
}

// How finely the values of lines in view are written, a power of ten: a hundredth of what is
// between two ticks.
export function valueStep(lines) {
  const [low, high] = valueRange(lines);
  return 10 ** Math.max(Math.floor(Math.log10(roundStep((high - low) / 5))) - 2, -8);
}

// A value by such a step, a change with its sign; what rounds to zero has none.
export function writeValue(value, step, isChange) {
  const rounded = Math.abs(value) < step / 2 ? 0 : value;
  const text = writeTick(rounded, step).replace('-', '−');
  return isChange ? `${rounded > 0 ? '+' : ''}${text} %` : text;
}

// The view that the reader chose; null, which follows the newest point, where it has everything.
export function chosenView([from, to], whole) {
  const isWider = to - from > whole[1] - whole[0] + 1;
  return isWider || (from <= whole[0] && to >= whole[1]) ? null : [from, to];
}

// A view of what has been dropped since follows again.
export function remainingView(view, whole) {
  return view && view[1] >= whole[0] ? view : null;
}

// The view after a key, a tenth of it at a time; undefined for a key that does nothing here.
export function viewAfterKey([from, to], key) {
  const step = (to - from) * 0.1;
  const moves = {
    Escape: null,
    ArrowLeft: [from - step, to - step],
    ArrowRight: [from + step, to + step],
    '+': [from + step, to - step],
    '-': [from - step, to + step],
  };
  return Object.hasOwn(moves, key) ? moves[key] : undefined;
}
