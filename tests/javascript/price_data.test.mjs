import assert from 'node:assert/strict';
import test from 'node:test';
import {
  candlesOf, legendOf, lineOf, markersOf, priceFormat, volumesOf,
} from '../../pages/instruments/static/price_data.mjs';

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
    { time: '2024-03-04' }, { time: '2024-03-05', value: 0 }, { time: '2024-03-06' },
  ]);
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
  assert.deepEqual(markersOf(days, marks, 'red').map(({ time, text }) => [time, text]), [
    ['2024-03-06', 'C'],
  ]);
  assert.equal(markersOf(weekend, [{ day: '2024-03-02', letter: 'E' }], 'red')[0].time, '2024-03-04');
  assert.deepEqual(markersOf([], marks, 'red'), []);
});

test('markers are in the order of time, as the library wants them', () => {
  const marks = [{ day: days[2], letter: 'B' }, { day: days[0], letter: 'A' }];
  assert.deepEqual(markersOf(days, marks, 'red').map((mark) => mark.text), ['A', 'B']);
});

test('small prices have more decimals than large ones', () => {
  assert.equal(priceFormat([0.00123, null]).precision, 6);
  assert.equal(priceFormat([1.2345]).precision, 4);
  assert.equal(priceFormat([5536.74]).precision, 2);
  assert.equal(priceFormat([null, NaN]).minMove, 1e-6);
});

test('the legend says what is known of a session and nothing else', () => {
  const data = {
    bars,
    overlays: [{ name: 'SMA 2', values: [null, 1.5, 2], color: 'blue' }],
    panes: [{ lines: [{ name: 'RSI 14', values: [null, null, 61.5], color: 'red' }] }],
    marks: [{ day: '2024-03-06', letter: 'C', text: 'a crash' }],
  };
  const said = (day) => legendOf(data, day, String).map(({ name, text }) => `${name} ${text}`);
  assert.deepEqual(said('2024-03-05'), ['H 2', 'L 1', 'C 1.5', 'SMA 2 1.5']);
  assert.deepEqual(said('2024-03-06'), [
    'O 3', 'H 4', 'L 2', 'C 2.5', 'Vol 30', 'SMA 2 2', 'RSI 14 61.5', 'C a crash',
  ]);
  assert.deepEqual(said('1999-01-01'), []);
});
