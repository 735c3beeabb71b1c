// The lines of the live chart as numbers: which points are known, where a line breaks, what is in
// view. Pure functions; a series has instants `t` in milliseconds, in order, and values `v`.
import { bounds, clamp, isKnown, lastAtOrBefore, padded } from '../../frame/static/scales.mjs';

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

// The view after a turn of the wheel around a moment; null, which follows the newest point, once
// it would be wider than everything.
export function zoomed([from, to], whole, moment, factor) {
  const middle = clamp(moment, from, to);
  const next = [middle - (middle - from) * factor, middle + (to - middle) * factor];
  return next[1] - next[0] >= whole[1] - whole[0] ? null : next;
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
