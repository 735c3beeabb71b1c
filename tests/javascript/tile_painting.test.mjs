import assert from 'node:assert/strict';
import test from 'node:test';
import { UNKNOWN, bucketsOf } from '../../pages/heat/static/heat_colours.mjs';
import { groupRuns, mapLayout } from '../../pages/heat/static/squarify.mjs';
import { TilePainting, brushesOf } from '../../pages/heat/static/tile_painting.mjs';

const LOOK = { ink: '#eeeeee', dim: '#888888', grid: '#222222', diverging: ['#ff8800', '#0000ff'] };

// A pen of a canvas that writes down what it is asked to do.
class Pen {
  constructor() { Object.assign(this, { brush: null, changes: 0, rects: [], texts: [] }); }

  get fillStyle() { return this.brush; }

  set fillStyle(value) { this.brush = value; this.changes += 1; }

  fillRect(...rect) { this.rects.push([this.brush, ...rect]); }

  fillText(text, x, y) { this.texts.push({ text, x, y, brush: this.brush, font: this.font }); }

  measureText(text) { return { width: text.length * parseInt(this.font, 10) * 0.6 }; }

  createPattern() { return 'hatch'; }

  setTransform() {} clearRect() {} beginPath() {} moveTo() {} lineTo() {} stroke() {}
}

globalThis.document = { createElement: () => ({ getContext: () => new Pen() }) };

function painted(values, { mark = '', ratio = 1 } = {}) {
  const count = values.length, places = new Uint16Array(count).map((_, n) => n * 4 / count);
  const layout = mapLayout({ runs: groupRuns(places, null), areas: null, count },
    { width: 1100, height: 446 });
  const pen = new Pen(), canvas = {};
  new TilePainting(canvas, pen).draw({
    layout, buckets: bucketsOf(values, 0.03), brushes: brushesOf(LOOK), look: LOOK, mark,
    words: ['North', 'South', 'East', 'A very long name of a group'],
    texts: (n) => [`S${n}`, '+1.0 %'],
  }, ratio);
  return { pen, canvas };
}

test('thousands of tiles are painted with a brush for each colour', () => {
  const { pen } = painted(Float64Array.from({ length: 5000 }, (_, n) => (n % 400 - 200) / 5000));
  assert.equal(pen.rects.length, 5000);
  assert.ok(pen.changes <= UNKNOWN + 12, pen.changes);
});

test('a tile that is not known is hatched and not the colour of zero', () => {
  const { pen } = painted(Float64Array.of(0, NaN, 0.01, 0.02));
  const colours = pen.rects.map(([brush]) => brush);
  assert.equal(pen.rects.length, 5); // the unknown one has its ground and its hatching
  assert.deepEqual(colours.slice(-2), [LOOK.grid, 'hatch']);
  assert.deepEqual(pen.rects[3].slice(1), pen.rects[4].slice(1));
  assert.equal(new Set(colours).size, 5);
});

test('tiles lie on whole pixels of the screen and do not touch', () => {
  const { pen, canvas } = painted(Float64Array.from({ length: 300 }, (_, n) => n / 9000),
    { ratio: 1.5 });
  assert.deepEqual([canvas.width, canvas.height], [1650, 669]);
  for (const [, ...rect] of pen.rects) assert.ok(rect.every(Number.isInteger));
  for (const [n, [, x, y, w, h]] of pen.rects.entries()) {
    for (const [, x2, y2, w2, h2] of pen.rects.slice(n + 1)) {
      assert.ok(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y);
    }
  }
});

test('headings, names and figures are written', () => {
  const { pen } = painted(Float64Array.of(0.01, 0.02, NaN, -0.03));
  const texts = pen.texts.map(({ text }) => text);
  for (const text of ['North', 'East', 'S0', 'S3', '+1.0 %']) assert.ok(texts.includes(text), text);
  assert.ok(!texts.some((text) => text.includes('DEMO')));
});

test('invented numbers are marked above everything else', () => {
  const { pen } = painted(Float64Array.of(0.01), { mark: 'DEMO · invented data' });
  assert.equal(pen.texts.at(-1).text, 'DEMO · invented data');
});
