// The colours of moves: from a palette to a fixed number of them, symmetric around zero, so that
// a map of thousands of tiles is painted with few changes of the brush. Pure functions.
import { clamp } from '../../frame/static/scales.mjs';

export const HALF = 64; // colours on either side of zero
export const UNKNOWN = 2 * HALF + 1; // the bucket of what is not known, which is never zero's
const EVEN = Math.sqrt(1.05 * 0.05) - 0.05; // black and white have the same contrast with it

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

const hex = (rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

// A colour for each bucket, mixed from the stops of a palette.
export function ramp(stops) {
  const known = stops.map(channels);
  return Array.from({ length: UNKNOWN }, (_, bucket) => {
    const at = bucket / (2 * HALF) * (known.length - 1);
    const low = Math.floor(at), high = Math.min(low + 1, known.length - 1);
    return hex(known[low].map((part, n) => part + (known[high][n] - part) * (at - low)));
  });
}

// The bucket of each value: beyond the limit they grow no stronger.
export function bucketsOf(values, limit) {
  return Uint8Array.from(values, (value) => (
    Number.isFinite(value) ? HALF + Math.round(clamp(value / limit, -1, 1) * HALF) : UNKNOWN
  ));
}

// The tiles of each bucket, as their numbers in the order of buckets and where each begins.
export function sortedByBucket(buckets) {
  const starts = new Uint32Array(UNKNOWN + 2), order = new Uint32Array(buckets.length);
  for (const bucket of buckets) starts[bucket + 1] += 1;
  for (let n = 1; n < starts.length; n++) starts[n] += starts[n - 1];
  const next = starts.slice();
  buckets.forEach((bucket, n) => { order[next[bucket]] = n; next[bucket] += 1; });
  return { starts, order };
}

// The relative luminance of WCAG, 0 for black and 1 for white.
export function luminance(colour) {
  const [red, green, blue] = channels(colour).map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Black or white, whichever has more contrast.
export const inkOn = (colour) => (luminance(colour) > EVEN ? '#000000' : '#ffffff');
