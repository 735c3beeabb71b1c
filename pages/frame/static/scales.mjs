// Numbers and instants along an axis: bounds, rounded steps, how they are written. Pure functions.

export const FONT = 'Inter, Helvetica Neue, Arial, sans-serif';
export const isKnown = (value) => Number.isFinite(value);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// From values to pixels. An empty span of values is read as one of length 1.
export function linear([low, high], [first, last]) {
  const span = high - low || 1;
  return (value) => first + (value - low) / span * (last - first);
}

// The lowest and the highest known value; null where nothing is known.
export function bounds(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!isKnown(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : null;
}

// With air above and below; a single value gets a share of itself, and zero gets one.
export function padded([low, high], share) {
  const room = (high - low || Math.abs(high) * share || 1) * 0.08;
  return [low - room, high + room];
}

// The first of 1, 2, 5, 10 times a power of ten that is no less.
export function roundStep(raw) {
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  return [1, 2, 5].map((n) => n * power).find((step) => step >= raw) ?? 10 * power;
}

// The multiples of a step between two values, each computed anew so that no error adds up.
export function ticks(low, high, step) {
  const first = Math.ceil(low / step), count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, n) => (first + n) * step);
}

// The first step of a list by which a span has no more than so many parts, else the last resort.
export function stepWithin(span, steps, parts, resort) {
  return steps.find((step) => span / step <= parts) ?? resort;
}

const numbers = new Map(); // formats by decimals: to make one takes longer than to write a number

// A value with the decimals that tell one tick of a step from the next.
export function writeTick(value, step) {
  const digits = clamp(-Math.floor(Math.log10(step || 1)), 0, 8);
  if (!numbers.has(digits)) {
    numbers.set(digits, new Intl.NumberFormat('en', {
      minimumFractionDigits: digits, maximumFractionDigits: digits,
    }));
  }
  return numbers.get(digits).format(value);
}

// The place of the last instant at or before a moment in a sorted list; -1 before the first.
export function lastAtOrBefore(sorted, moment) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= moment) low = middle + 1; else high = middle;
  }
  return low - 1;
}

const formats = new Map();

// An instant in a time zone. A format takes longer to make than a frame to draw, so it is reused.
export function writeInstant(moment, zone, options) {
  const key = `${zone} ${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options }));
  }
  return formats.get(key).format(moment);
}
