import assert from 'node:assert/strict';
import test from 'node:test';
import { BrokenLine, runsOf } from '../../pages/frame/static/trading_chart.mjs';

const point = (value, begins = false) => ({ value, begins });
const values = (points) => runsOf(points).map((run) => run.map(({ value }) => value));

// What is drawn by a line whose bars from..to are in view, ten pixels apart, as words.
function drawn(bars, from, to) {
  const line = new BrokenLine(), strokes = [];
  const context = {
    beginPath() { strokes.push([]); },
    lineTo(x, y) { strokes.at(-1).push([x, y]); },
    arc(x, y) { strokes.at(-1).push(['dot', x, y]); },
    stroke() {},
    fill() {},
  };
  const placed = bars.map(({ time, ...originalData }, n) => (
    { x: n >= from && n < to ? time * 10 : NaN, time, originalData }
  ));
  const visibleRange = { from, to };
  line.update({ bars: placed, barSpacing: 10, visibleRange }, line.defaultOptions());
  const target = { useMediaCoordinateSpace: (draw) => draw({ context }) };
  line.renderer().draw(target, (value) => value);
  return strokes;
}

test('a point that begins is joined to the next and not to the one before', () => {
  assert.deepEqual(values([point(1), point(2), point(3, true), point(4)]), [[1, 2], [3, 4]]);
  assert.deepEqual(values([point(1, true), point(0, true)]), [[1], [0]]);
  assert.deepEqual(values([]), []);
});

test('a hole stays empty and a point by itself is a dot', () => {
  const bars = [
    { time: 0, value: 1, begins: true }, { time: 1, value: 2, begins: false },
    { time: 5, value: 3, begins: true }, { time: 9, value: 0, begins: true },
    { time: 10, value: 5, begins: false },
  ];
  assert.deepEqual(drawn(bars, 0, 5), [
    [[0, 1], [10, 2]], [['dot', 50, 3]], [[90, 0], [100, 5]],
  ]);
});

test('a line goes on beyond the edges of the view', () => {
  const bars = [1, 2, 3, 4, 5].map((value, time) => ({ time, value, begins: time === 0 }));
  assert.deepEqual(drawn(bars, 2, 3), [[[10, 2], [20, 3], [30, 4]]]);
});

test('nothing in view is nothing drawn', () => {
  assert.deepEqual(drawn([{ time: 0, value: 1, begins: true }], 1, 1), []);
  assert.deepEqual(drawn([], 0, 0), []);
});

test('what is not known is a gap for the library too, and zero is a value', () => {
  const line = new BrokenLine();
  assert.ok(line.isWhitespace({ time: 1 }));
  assert.ok(!line.isWhitespace({ time: 1, value: 0 }));
  assert.deepEqual(line.priceValueBuilder({ value: 0 }), [0]);
});
