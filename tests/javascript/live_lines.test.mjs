import assert from 'node:assert/strict';
import test from 'node:test';
import {
  chosenView, inView, lineData, pointsOf, remainingView, secondsOf, segments, valueAt, valueRange,
  valueStep, viewAfterKey, wholeSpan, writeValue,
} from '../../pages/desk/static/live_lines.mjs';

const GAP = 3000;
const at = (...seconds) => seconds.map((second) => second * 1000);
const runs = (series) => segments(pointsOf(series, false), GAP)
  .map((run) => run.map(({ t }) => t / 1000));

test('a hole in time breaks the line', () => {
  assert.deepEqual(runs({ t: at(1, 2, 3, 9, 10), v: [5, 5, 5, 6, 6] }), [[1, 2, 3], [9, 10]]);
});

test('a second or two without a point do not', () => {
  assert.deepEqual(runs({ t: at(1, 2, 5), v: [5, 5, 5] }), [[1, 2, 5]]);
});

test('a value that is not known breaks the line, whatever stands for it', () => {
  for (const nothing of [null, NaN, undefined]) {
    assert.deepEqual(runs({ t: at(1, 2, 3, 4), v: [5, nothing, 6, 7] }), [[1], [3, 4]]);
  }
  assert.deepEqual(runs({ t: at(1, 2), v: [null, null] }), []);
  assert.deepEqual(runs({ t: [], v: [] }), []);
});

test('zero is a value', () => {
  assert.deepEqual(runs({ t: at(1, 2), v: [0, 0] }), [[1, 2]]);
});

test('the axis does not reach for values that are not known', () => {
  const [low, high] = valueRange([pointsOf({ t: at(1, 2, 3), v: [100, null, 101] }, false)]);
  assert.ok(low > 99 && high < 102);
});

test('the axis of one point, of none and of several lines', () => {
  const [low, high] = valueRange([pointsOf({ t: at(1), v: [5] }, false)]);
  assert.ok(low < 5 && high > 5);
  assert.deepEqual(valueRange([[]]), [-0.08, 1.08]);
  assert.deepEqual(valueRange([]), [-0.08, 1.08]);
  const both = valueRange([[{ t: 1, v: 10 }], [{ t: 1, v: 30 }]]);
  assert.ok(both[0] < 10 && both[1] > 30);
});

test('changes are counted from the first known value', () => {
  const values = pointsOf({ t: at(1, 2, 3, 4), v: [null, 50, 55, null] }, true).map(({ v }) => v);
  assert.equal(values[0], null);
  assert.equal(values[1], 0);
  assert.ok(Math.abs(values[2] - 10) < 1e-9);
  assert.equal(values[3], null);
});

test('no change is counted from zero', () => {
  const points = pointsOf({ t: at(1, 2), v: [0, 5] }, true);
  assert.deepEqual(points.map(({ v }) => v), [null, null]);
});

test('the span goes from the first to the last instant of any series', () => {
  const series = [{ t: at(5, 6) }, { t: at(2, 9) }, { t: [] }];
  assert.deepEqual(wholeSpan(series), at(2, 9));
  assert.deepEqual(wholeSpan([{ t: [] }]), [0, 1]);
  assert.deepEqual(wholeSpan([]), [0, 1]);
});

test('what is outside the view is left out, its edges belong to it', () => {
  const points = pointsOf({ t: at(1, 2, 3, 4), v: [1, 2, 3, 4] }, false);
  assert.deepEqual(inView(points, at(2, 3)).map(({ v }) => v), [2, 3]);
});

test('under the pointer stands the last value, and none where the line has a gap', () => {
  const series = { t: at(1, 2, 9, 10), v: [5, 6, null, 8] };
  const values = [0.5, 1, 2.9, 4.9, 5.1, 9.5, 10].map((s) => valueAt(series, s * 1000, GAP));
  assert.deepEqual(values, [null, 5, 6, 6, null, null, 8]);
});

test('as wide as everything, the view follows again', () => {
  assert.equal(chosenView([-2, 102], [0, 100]), null);
  assert.equal(chosenView([0, 100], [0, 100]), null);
  assert.equal(chosenView([30, 160], [0, 100]), null);
  assert.deepEqual(chosenView([37.5, 62.5], [0, 100]), [37.5, 62.5]);
  assert.deepEqual(chosenView([10, 110], [0, 100]), [10, 110]);
});

test('a view stays while a second of it is there, then it follows again', () => {
  assert.deepEqual(remainingView([0, 50], [50, 150]), [0, 50]);
  assert.equal(remainingView([0, 50], [51, 151]), null);
  assert.equal(remainingView(null, [0, 100]), null);
});

test('the chart gets known points only, each told from the one before by a break', () => {
  const points = pointsOf({ t: at(1, 2, 3, 4, 9, 10), v: [5, null, 0, 7, 8, NaN] }, false);
  assert.deepEqual(lineData(points, GAP), [
    { time: 1, value: 5, begins: true },
    { time: 3, value: 0, begins: true },
    { time: 4, value: 7, begins: false },
    { time: 9, value: 8, begins: true },
  ]);
  assert.deepEqual(lineData([], GAP), []);
});

test('every second has its place on the axis, also one without a point', () => {
  assert.deepEqual(secondsOf(at(3, 6)).map(({ time }) => time), [3, 4, 5, 6]);
  assert.deepEqual(secondsOf([2700, 4100]).map(({ time }) => time), [2, 3, 4, 5]);
  assert.deepEqual(secondsOf(at(3, 3)), [{ time: 3, value: 1 }]);
});

const lineOf = (...values) => [values.map((v, t) => ({ t, v }))];

test('values are written as finely as they differ', () => {
  assert.equal(valueStep(lineOf(60_000, 60_040)), 0.1);
  assert.equal(valueStep(lineOf(1, 900_001)), 1000);
  assert.ok(valueStep(lineOf(1.2345, 1.2347)) <= 1e-5);
  assert.equal(valueStep(lineOf(1e-9, 2e-9)), 1e-8);
  assert.ok(valueStep([]) > 0);
});

test('a change has its sign, and what rounds to zero has none', () => {
  const values = [0.392, -0.419, 1e-17, -0.0004, 0.0006];
  assert.deepEqual(values.map((value) => writeValue(value, 0.001, true)), [
    '+0.392 %', '−0.419 %', '0.000 %', '0.000 %', '+0.001 %',
  ]);
  assert.equal(writeValue(3535.456, 0.01, false), '3,535.46');
  assert.equal(writeValue(-37.63, 0.01, false), '−37.63');
});

test('keys move the view, Escape follows again, others do nothing', () => {
  assert.deepEqual(viewAfterKey([0, 100], 'ArrowRight'), [10, 110]);
  assert.deepEqual(viewAfterKey([0, 100], 'ArrowLeft'), [-10, 90]);
  assert.deepEqual(viewAfterKey([0, 100], '+'), [10, 90]);
  assert.deepEqual(viewAfterKey([0, 100], '-'), [-10, 110]);
  assert.equal(viewAfterKey([0, 100], 'Escape'), null);
  assert.equal(viewAfterKey([0, 100], 'x'), undefined);
  assert.equal(viewAfterKey([0, 100], 'toString'), undefined);
});
