import assert from 'node:assert/strict';
import test from 'node:test';
import {
  bounds, clamp, lastAtOrBefore, linear, padded, roundStep, stepWithin, ticks, writeInstant,
  writeTick,
} from '../../pages/frame/static/scales.mjs';

test('a scale leads from values to pixels, upwards or downwards', () => {
  const x = linear([10, 20], [100, 300]), y = linear([20, 10], [0, 50]);
  assert.deepEqual([10, 15, 20, 25].map(x), [100, 200, 300, 400]);
  assert.deepEqual([20, 15, 10].map(y), [0, 25, 50]);
});

test('a scale of one value gives a pixel, not NaN', () => {
  assert.equal(linear([7, 7], [100, 300])(7), 100);
});

test('bounds leave out what is not known, and never read it as zero', () => {
  assert.deepEqual(bounds([3, null, 5, NaN, undefined, 4]), [3, 5]);
  assert.deepEqual(bounds([0, 2]), [0, 2]);
  assert.equal(bounds([null, NaN]), null);
  assert.equal(bounds([]), null);
});

test('air is left around a range, around one value and around zero', () => {
  assert.deepEqual(padded([100, 200], 1e-3), [92, 208]);
  const [low, high] = padded([5, 5], 1e-4);
  assert.ok(low < 5 && high > 5 && high - low < 1e-3);
  assert.deepEqual(padded([0, 0], 1e-3), [-0.08, 0.08]);
});

test('a step is 1, 2 or 5 times a power of ten, and no less than asked', () => {
  assert.deepEqual([0.7, 1, 1.1, 2.5, 5.1, 30, 0].map(roundStep), [1, 1, 2, 5, 10, 50, 1]);
  assert.ok(Math.abs(roundStep(0.00021) - 0.0005) < 1e-12);
});

test('ticks are multiples of the step, to the last one, with a true zero', () => {
  assert.deepEqual(ticks(-2.5, 5, 2.5), [-2.5, 0, 2.5, 5]);
  assert.ok(ticks(-0.3, 0.3, 0.2).some((tick) => Object.is(tick, 0)));
  assert.equal(ticks(0, 1, 0.1).length, 11); // adding 0.1 ten times ends short of 1
  assert.deepEqual(ticks(1.1, 1.9, 1), []);
});

test('time is divided by the first step with few enough parts', () => {
  assert.equal(stepWithin(100, [1, 5, 20, 60], 8, 900), 20);
  assert.equal(stepWithin(1e6, [1, 5, 20, 60], 8, 900), 900);
});

test('a tick has the decimals of its step', () => {
  assert.deepEqual([[64250, 50], [1.5, 0.5], [5.01004, 0.00002], [0, 20]]
    .map(([value, step]) => writeTick(value, step)), ['64,250', '1.5', '5.01004', '0']);
});

test('the last instant at or before a moment', () => {
  assert.deepEqual([5, 10, 15, 30, 99].map((m) => lastAtOrBefore([10, 20, 30], m)),
    [-1, 0, 0, 2, 2]);
  assert.equal(lastAtOrBefore([], 5), -1);
  assert.equal(lastAtOrBefore([10, 10, 20], 10), 1);
});

test('an instant is written in its zone, on both sides of a change of the clocks', () => {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  const write = (day) => writeInstant(Date.parse(`${day}T12:00:00Z`), 'America/New_York', options);
  assert.deepEqual(['2026-03-07', '2026-03-09'].map(write), ['07:00', '08:00']);
  assert.equal(writeInstant(0, 'UTC', options), '00:00');
});

test('a value is held between two bounds', () => {
  assert.deepEqual([-5, 3, 50].map((value) => clamp(value, 0, 10)), [0, 3, 10]);
});
