import assert from 'node:assert/strict';
import test from 'node:test';
import {
  HALF, UNKNOWN, bucketsOf, inkOn, luminance, ramp, sortedByBucket,
} from '../../pages/heat/static/heat_colours.mjs';

const STOPS = ['#ff0000', '#808080', '#0000ff'];

test('colours go from the first stop over zero to the last', () => {
  const colours = ramp(STOPS);
  assert.equal(colours.length, UNKNOWN);
  assert.deepEqual([0, HALF, 2 * HALF].map((n) => colours[n]), STOPS);
  assert.equal(colours[HALF / 2], '#c04040');
  const even = ramp(['#000000', '#404040', '#808080', '#c0c0c0']); // no stop is zero's own
  assert.equal(even[HALF], '#606060');
});

test('what is not known has a bucket of its own, and zero the middle one', () => {
  const values = Float64Array.of(0, -0, NaN, -9, -0.03, 0.03, 9, 0.015, -0.015);
  assert.deepEqual([...bucketsOf(values, 0.03)], [
    HALF, HALF, UNKNOWN, 0, 0, 2 * HALF, 2 * HALF, HALF + HALF / 2, HALF / 2,
  ]);
});

test('buckets are symmetric around zero', () => {
  const values = Float64Array.from({ length: 201 }, (_, n) => (n - 100) / 97);
  const buckets = bucketsOf(values, 1);
  buckets.forEach((bucket, n) => {
    const other = buckets[200 - n];
    assert.ok(Math.abs(bucket - HALF + (other - HALF)) <= 1, `${values[n]}`);
  });
});

test('each tile is in its bucket once', () => {
  const buckets = Uint8Array.of(5, 2, UNKNOWN, 5, 0, 2, 2);
  const { starts, order } = sortedByBucket(buckets);
  const of = (bucket) => [...order.subarray(starts[bucket], starts[bucket + 1])];
  assert.deepEqual([of(0), of(2), of(5), of(7), of(UNKNOWN)], [[4], [1, 5, 6], [0, 3], [], [2]]);
  assert.deepEqual([...order].toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6]);
});

const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

test('the contrast is that of the standard', () => {
  assert.ok(Math.abs(contrast('#000000', '#ffffff') - 21) < 1e-9);
  assert.ok(Math.abs(contrast('#777777', '#ffffff') - 4.48) < 0.005);
});

test('ink can be read on every colour', () => {
  const corners = ['00', '33', '66', '99', 'cc', 'ff'];
  for (const r of corners) {
    for (const g of corners) {
      for (const b of corners) {
        const colour = `#${r}${g}${b}`;
        assert.ok(contrast(colour, inkOn(colour)) >= 4.5, colour);
      }
    }
  }
});
