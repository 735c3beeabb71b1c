import assert from 'node:assert/strict';
import test from 'node:test';
import { Digest } from '../../pages/replaying/static/digest.mjs';
import { paneRange } from '../../pages/replaying/static/picture.mjs';
import {
  moveAt, rampColor, shareOf, tileLayout,
} from '../../pages/replaying/static/tiles.mjs';

const MAP = { names: ['a', 'b', 'c', 'd'], groups: ['x', 'y', 'x', 'x'] };
const BOX = { left: 8, right: 408, top: 4, height: 300 };

test('each instrument has one tile, in its group and inside the box', () => {
  const { headings, cells } = tileLayout(MAP, BOX);
  assert.deepEqual(headings.map(({ name }) => name), ['x', 'y']);
  assert.deepEqual(cells.map(({ n }) => n), [0, 2, 3, 1]);
  for (const { x, y, w, h } of cells) {
    assert.ok(x >= BOX.left && x + w <= BOX.right + 1e-9);
    assert.ok(y >= BOX.top + 16 && y + h <= BOX.top + BOX.height + 1e-9);
  }
});

test('no two tiles overlap', () => {
  const { cells } = tileLayout(MAP, BOX);
  for (const one of cells) {
    for (const other of cells.filter((cell) => cell.n > one.n)) {
      const apart = one.x + one.w <= other.x + 1e-9 || other.x + other.w <= one.x + 1e-9
        || one.y + one.h <= other.y + 1e-9 || other.y + other.h <= one.y + 1e-9;
      assert.ok(apart, `${one.n} and ${other.n}`);
    }
  }
});

test('a move that is not known is null, and a move of zero is not', () => {
  const map = { ...MAP, none: -32768, moves: [0, 5, -7, -32768, 1, 2, 3, 4] };
  assert.deepEqual([0, 1, 2, 3].map((n) => moveAt(map, 0, n)), [0, 5, -7, null]);
  assert.equal(moveAt(map, 1, 3), 4);
  assert.equal(moveAt(map, -1, 0), null); // before the first frame
});

test('colours end where the scale ends', () => {
  const ramp = ['red', 'grey', 'green'];
  const colors = [-900, -300, 0, 300, 900].map((move) => rampColor(ramp, shareOf(move, 300)));
  assert.deepEqual(colors, ['red', 'red', 'grey', 'green', 'green']);
});

test('a pane begins at zero, a line where its values do', () => {
  const points = [[1, 4], [2, 6]];
  assert.deepEqual(paneRange(points, 'bars'), [0, 6]);
  assert.deepEqual(paneRange(points, 'line'), [4, 6]);
  assert.deepEqual(paneRange([[1, -0.3], [2, -0.1]], 'fall'), [-0.3, 0]);
});

test('a pane of one value, of zeros and of none has a height', () => {
  for (const [points, kind] of [[[[1, 5]], 'line'], [[[1, 0], [2, 0]], 'bars'], [[], 'line']]) {
    const [low, high] = paneRange(points, kind);
    assert.ok(Number.isFinite(low) && high > low, kind);
  }
});

const digestOf = (...values) => {
  const digest = new Digest();
  values.forEach((value) => (typeof value === 'string' ? digest.text(value) : digest.number(value)));
  return digest.toString();
};

test('a digest is that of FNV-1a', () => {
  assert.equal(digestOf(), '811c9dc5');
  assert.equal(digestOf('a'), 'e40c292c');
  assert.equal(digestOf('foobar'), 'bf9cf968');
});

test('a digest tells the last bit of a number and the order of its parts', () => {
  assert.notEqual(digestOf(0.1 + 0.2), digestOf(0.3));
  assert.notEqual(digestOf(1, 2), digestOf(2, 1));
  assert.equal(digestOf(1, 'x'), digestOf(1, 'x'));
});
