import assert from 'node:assert/strict';
import test from 'node:test';
import {
  candleStep, columnPoints, knownAt, pricePoints, seriesLabel, splitFactors,
} from '../../pages/replaying/static/known_series.mjs';

// The close of instant 20 comes late, that of instant 10 is corrected at frame 3.
const SERIES = { f: [0, 1, 2, 3], t: [10, 30, 20, 10], c: [1, 3, 2, 1.5] };
const closes = (frame, earlier) => knownAt(SERIES, frame, earlier).rows.map((row) => SERIES.c[row]);

test('a late point takes its place, a correction replaces what it corrects', () => {
  assert.deepEqual([-1, 0, 1, 2, 3].map((frame) => closes(frame)),
    [[], [1], [1, 3], [1, 2, 3], [1.5, 2, 3]]);
});

test('any way to a frame leads to the same, forwards, backwards and in leaps', () => {
  let known = null;
  for (const frame of [0, 1, 3, 2, 2, 0, 3, -1, 1, 2]) {
    known = knownAt(SERIES, frame, known);
    assert.deepEqual(known.rows, knownAt(SERIES, frame).rows, `frame ${frame}`);
    assert.deepEqual(known.factors, knownAt(SERIES, frame).factors, `frame ${frame}`);
  }
});

test('frames in which nothing came keep the points that were made', () => {
  const sparse = { ...SERIES, f: [0, 4, 4, 8] };
  const known = knownAt(sparse, 4);
  known.points = ['made'];
  assert.equal(knownAt(sparse, 6, known).points[0], 'made');
  assert.equal(knownAt(sparse, 8, known).points, null);
});

test('prices before a split are divided by it once the split is known', () => {
  const series = { f: [0, 1, 2], t: [10, 20, 30], c: [100, 104, 26], split: [null, null, 4] };
  const prices = (frame) => pricePoints(series, knownAt(series, frame), { start: 0 })
    .map(({ c }) => c);
  assert.deepEqual(prices(1), [100, 104]);
  assert.deepEqual(prices(2), [25, 26, 26]);
  assert.deepEqual(splitFactors({ split: [null, 2, 3] }, [0, 1, 2]), [6, 3, 1]);
  assert.deepEqual(splitFactors({ split: null }, [0, 1]), [1, 1]);
});

test('a close that is not known is no point, and never zero', () => {
  const series = { f: [0, 0, 0], t: [10, 20, 30], c: [5, null, 6] };
  const drawn = pricePoints(series, knownAt(series, 0), { start: 0 });
  assert.deepEqual(drawn.map(({ t, c }) => [t, c]), [[10, 5], [30, 6]]);
});

test('what lies before the window is not drawn, and not counted from', () => {
  const series = { f: [0, 0, 0], t: [10, 20, 30], c: [1, 50, 55] };
  const drawn = pricePoints(series, knownAt(series, 0), { start: 20, isChange: true });
  assert.deepEqual(drawn.map(({ t }) => t), [20, 30]);
  assert.equal(drawn[0].c, 0);
  assert.ok(Math.abs(drawn[1].c - 10) < 1e-9);
});

test('a candle without a high or low of its own has that of its close', () => {
  const series = { f: [0, 0], t: [10, 20], c: [5, 6], o: [4, null], h: [7, null], l: [3, null] };
  const drawn = pricePoints(series, knownAt(series, 0), { start: 0 });
  assert.deepEqual(drawn.map(({ o, h, l, c }) => [o, h, l, c]), [[4, 7, 3, 5], [6, 6, 6, 6]]);
});

test('numbers of shares grow with a split, other columns do not', () => {
  const series = { f: [0, 1], t: [10, 20], c: [100, 50], split: [null, 2] };
  const known = knownAt(series, 1);
  const shares = (isShares) => columnPoints(series, known, [30, 70], { start: 0, isShares });
  assert.deepEqual(shares(true), [[10, 60], [20, 70]]);
  assert.deepEqual(shares(false), [[10, 30], [20, 70]]);
  assert.deepEqual(columnPoints(series, known, [null, 0], { start: 0, isShares: true }), [[20, 0]]);
});

const points = (...instants) => instants.map((t) => ({ t }));

test('candles are as wide as the closest neighbours allow', () => {
  assert.equal(candleStep(points(0, 10, 12, 30), 1000), 2);
  assert.equal(candleStep(points(5), 1000), 10);
  assert.equal(candleStep([], 1000), 10);
});

test('a label says the last value, and that it is old', () => {
  const terms = { moment: 1000, age: 100, isChange: false };
  assert.equal(seriesLabel('A', { t: 950, c: 64250.5 }, terms), 'A  64,250.5');
  assert.equal(seriesLabel('A', { t: 899, c: 1 }, terms), 'A  1  · old');
  assert.equal(seriesLabel('A', { t: 950, c: 1, old: true }, terms), 'A  1  · old');
  assert.equal(seriesLabel('A', { t: 950, c: 2.5 }, { ...terms, isChange: true }), 'A  +2.50 %');
  assert.equal(seriesLabel('A', { t: 950, c: -0.4 }, { ...terms, isChange: true }), 'A  -0.40 %');
  assert.equal(seriesLabel('A', undefined, terms), 'A  no price yet');
});
