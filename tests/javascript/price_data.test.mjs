import assert from 'node:assert/strict';
import test from 'node:test';
import {
  barChanges, candlesOf, changesFrom, firstCommon, firstInView, legendOf, lineOf, markersOf, placeOf,
  priceFormat, sinceText, volumesOf, writeChange,
} from '../../pages/instruments/static/price_data.mjs';

const colors = { warn: 'amber', accent: 'sky', up: 'blue', down: 'orange' };
const days = ['2024-03-04', '2024-03-05', '2024-03-06'];
const bars = {
  days, open: [1, null, 3], high: [2, 2, 4], low: [0.5, 1, 2], close: [1.5, 1.5, 2.5],
  volume: [10, null, 30],
};

test('a bar that lacks a price is a gap, never a zero', () => {
  assert.deepEqual(candlesOf(bars), [
    { time: '2024-03-04', open: 1, high: 2, low: 0.5, close: 1.5 },
    { time: '2024-03-05' },
    { time: '2024-03-06', open: 3, high: 4, low: 2, close: 2.5 },
  ]);
});

test('a line has gaps where nothing is known, and keeps a zero', () => {
  assert.deepEqual(lineOf(days, [null, 0, NaN]), [
    { time: '2024-03-04' }, { time: '2024-03-05', value: 0, begins: true }, { time: '2024-03-06' },
  ]);
  assert.deepEqual(lineOf(days, [1, 2, null]).map(({ begins }) => begins), [true, false, undefined]);
});

test('volume has the colour of its session', () => {
  assert.deepEqual(volumesOf(bars, 'up', 'down'), [
    { time: '2024-03-04', value: 10, color: 'up' },
    { time: '2024-03-05' },
    { time: '2024-03-06', value: 30, color: 'down' },
  ]);
});

test('an event stands at its session or the next one, and outside the bars nowhere', () => {
  const marks = [
    { day: '2024-03-06', letter: 'C', text: 'on' },
    { day: '2024-03-01', letter: 'S', text: 'before' },
    { day: '2024-04-01', letter: 'D', text: 'after' },
  ];
  const weekend = ['2024-03-01', '2024-03-04'];
  assert.deepEqual(markersOf(days, marks, colors).map(({ time, text }) => [time, text]), [
    ['2024-03-06', 'C'],
  ]);
  assert.equal(markersOf(weekend, [{ day: '2024-03-02', letter: 'E' }], colors)[0].time, '2024-03-04');
  assert.deepEqual(markersOf([], marks, colors), []);
});

test('markers are in the order of time, as the library wants them', () => {
  const marks = [{ day: days[2], letter: 'B' }, { day: days[0], letter: 'A' }];
  assert.deepEqual(markersOf(days, marks, colors).map((mark) => mark.text), ['A', 'B']);
});

test('small prices have more decimals than large ones', () => {
  assert.equal(priceFormat([0.00123, null]).precision, 6);
  assert.equal(priceFormat([1.2345]).precision, 4);
  assert.equal(priceFormat([5536.74]).precision, 2);
  assert.equal(priceFormat([0.0000012]).precision, 9);
  assert.equal(priceFormat([null, NaN]).minMove, 1e-6);
});

test('the legend says what is known of a session and nothing else', () => {
  const data = {
    bars,
    overlays: [{ name: 'SMA 2', values: [null, 1.5, 2], color: 'blue' }],
    panes: [{ lines: [{ name: 'RSI 14', values: [null, null, 61.504213], color: 'red' }] }],
    marks: [{ day: '2024-03-06', letter: 'C', text: 'a crash' }],
  };
  const said = (day) => legendOf(data, day, String).map(({ name, text }) => `${name} ${text}`);
  assert.deepEqual(said('2024-03-05'), ['H 2', 'L 1', 'C 1.5', 'SMA 2 1.5']);
  assert.deepEqual(said('2024-03-06'), [
    'O 3', 'H 4', 'L 2', 'C 2.5', 'Vol 30', 'SMA 2 2', 'RSI 14 61.5', 'C a crash',
  ]);
  assert.deepEqual(said('1999-01-01'), []);
});

test('trades and notes are told from events by shape, place and colour', () => {
  const marks = ['event', 'note', 'buy', 'sell'].map((kind) => ({ day: days[1], letter: kind, kind }));
  assert.deepEqual(
    markersOf(days, marks, colors).map(({ position, shape, color }) => [position, shape, color]),
    [
      ['aboveBar', 'circle', 'amber'], ['aboveBar', 'square', 'sky'],
      ['belowBar', 'arrowUp', 'blue'], ['aboveBar', 'arrowDown', 'orange'],
    ],
  );
});

test('what the desk did after the last session stands there, an event does not', () => {
  const after = '2024-03-09';
  assert.deepEqual(
    ['event', 'note', 'buy', 'sell'].map((kind) => placeOf(days, { day: after, kind })), [-1, 2, 2, 2],
  );
  assert.equal(placeOf(days, { day: '2024-03-01', kind: 'note' }), -1);
  assert.equal(placeOf([], { day: after, kind: 'note' }), -1);
});

test('a mark of a day without a session is in the legend of the session where it stands', () => {
  const weekend = { ...bars, days: ['2024-03-01', '2024-03-04', '2024-03-05'] };
  const marks = [{ day: '2024-03-02', letter: 'N', text: 'on a Saturday' }];
  const data = { bars: weekend, overlays: [], panes: [], marks };
  assert.equal(legendOf(data, '2024-03-04', String).at(-1).text, 'on a Saturday');
});

test('changes begin at the first session in view that all have, and never fill a gap', () => {
  const columns = [[null, 10, 20, 40], [5, 5, null, 10], [0, 1, 1, 2]];
  assert.equal(firstCommon(columns, 0), 1);
  assert.equal(firstCommon(columns, 2), 3);
  assert.equal(firstCommon(columns, 9), 1);
  assert.equal(firstCommon([[1, null], [null, 1]], 0), -1);
  assert.equal(firstCommon([[0, -1]], 0), -1);
  assert.deepEqual(changesFrom([null, 10, 5], 10), [null, 0, -50]);
  assert.deepEqual(changesFrom([10, 0, -37.63], 10), [0, null, null]);
  assert.deepEqual(changesFrom([1, 2], undefined), [null, null]);
  assert.deepEqual(changesFrom([1, 2], 0), [null, null]);
});

test('the first place in view is not lost by a rounding', () => {
  assert.deepEqual([-3, 0, 1e-9, 0.5, 4, 4.2].map((from) => firstInView({ from })), [0, 0, 0, 1, 4, 5]);
});

test('beside others the legend says that changes are each in its own currency', () => {
  assert.equal(sinceText('1 Dec 2025'), 'changes in % since 1 Dec 2025, each in its own currency');
});

test('the prices of a bar change from one price, and its volume stays', () => {
  assert.deepEqual(barChanges(bars, 2), {
    days, open: [-50, null, 50], high: [0, 0, 100], low: [-75, -50, 0], close: [-25, -25, 25],
    volume: [10, null, 30],
  });
});

test('a change has its sign, and the legend has the change of each beside the prices', () => {
  assert.deepEqual([1.234, -1.234, 0].map(writeChange), ['+1.23 %', '−1.23 %', '0.00 %']);
  const data = {
    bars, name: 'AAA', overlays: [], panes: [], marks: [],
    compared: [{ name: 'BBB', values: [10, null, 5], color: 'green' }],
  };
  const said = (day, base) => legendOf(data, day, String, base).slice(0, 2)
    .map(({ name, text }) => `${name} ${text}`);
  assert.deepEqual(said(days[2], 0), ['AAA +66.67 %', 'BBB −50.00 %']);
  assert.deepEqual(said(days[1], 0), ['AAA 0.00 %', 'H 2']);
});
