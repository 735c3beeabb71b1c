import assert from 'node:assert/strict';
import test from 'node:test';
import {
  HEAD, groupRuns, mapLayout, neighbour, placeAt, rectOf, squarify,
} from '../../pages/heat/static/squarify.mjs';

const close = (value, other, within = 1e-9) => (
  assert.ok(Math.abs(value - other) <= within * Math.max(1, Math.abs(other)), `${value} ${other}`)
);

const boxesOf = (rects) => Array.from({ length: rects.length / 4 },
  (_, n) => ({ x: rects[4 * n], y: rects[4 * n + 1], w: rects[4 * n + 2], h: rects[4 * n + 3] }));

// A random number from 0 to 1 that is the same in every run (Park and Miller).
function dice(seed) {
  let state = seed;
  return () => { state = state * 48271 % 2147483647; return state / 2147483647; };
}

const falling = (count, random, spread) => Array.from({ length: count },
  () => Math.exp(spread * random())).toSorted((a, b) => b - a);

test('the worked example of Bruls, Huizing and van Wijk', () => {
  const boxes = boxesOf(squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, w: 6, h: 4 }));
  const published = [
    [0, 0, 3, 2], [0, 2, 3, 2], // the first row, along the side of 4
    [3, 0, 12 / 7, 7 / 3], [3 + 12 / 7, 0, 9 / 7, 7 / 3],
    [3, 7 / 3, 6 / 5, 5 / 3], [4.2, 7 / 3, 6 / 5, 5 / 3], [5.4, 7 / 3, 3 / 5, 5 / 3],
  ];
  boxes.forEach(({ x, y, w, h }, n) => [x, y, w, h].forEach((v, k) => close(v, published[n][k])));
});

test('areas are in proportion, fill the box and never overlap', () => {
  for (const [seed, count, spread] of [[1, 1, 1], [2, 2, 3], [3, 40, 6], [4, 150, 9]]) {
    const areas = falling(count, dice(seed), spread), box = { x: 7, y: 3, w: 640, h: 410 };
    const boxes = boxesOf(squarify(areas, box)), whole = areas.reduce((a, b) => a + b);
    boxes.forEach(({ w, h }, n) => close(w * h / (box.w * box.h), areas[n] / whole));
    close(boxes.reduce((sum, { w, h }) => sum + w * h, 0), box.w * box.h);
    for (const [n, a] of boxes.entries()) {
      assert.ok(a.x >= box.x - 1e-9 && a.x + a.w <= box.x + box.w + 1e-9);
      assert.ok(a.y >= box.y - 1e-9 && a.y + a.h <= box.y + box.h + 1e-9);
      for (const b of boxes.slice(n + 1)) {
        const apart = a.x + a.w <= b.x + 1e-9 || b.x + b.w <= a.x + 1e-9
          || a.y + a.h <= b.y + 1e-9 || b.y + b.h <= a.y + 1e-9;
        assert.ok(apart);
      }
    }
  }
});

test('equal areas become nearly square tiles', () => {
  for (const count of [4, 100, 5000]) {
    const boxes = boxesOf(squarify(new Uint8Array(count).fill(1), { x: 0, y: 0, w: 1100, h: 446 }));
    const ratios = boxes.map(({ w, h }) => Math.max(w / h, h / w)).toSorted((a, b) => a - b);
    assert.ok(ratios[Math.floor(count / 2)] < 1.7, ratios[Math.floor(count / 2)]);
    assert.ok(ratios.at(-1) < 3, ratios.at(-1));
  }
});

test('nothing and nought have no tiles', () => {
  assert.equal(squarify([], { x: 0, y: 0, w: 5, h: 5 }).length, 0);
  for (const { w, h } of boxesOf(squarify([0, 0], { x: 0, y: 0, w: 5, h: 5 }))) close(w * h, 0);
  for (const { w, h } of boxesOf(squarify([2, 1], { x: 0, y: 0, w: 0, h: 5 }))) close(w * h, 0);
});

const PLACES = new Uint16Array([1, 1, 1, 0, 0, 2]);
const AREAS = new Float32Array([5, 3, 2, 4, 1, 3]);
const SIZE = { width: 600, height: 400 };
const layoutOf = (zoomed, areas = AREAS) => mapLayout(
  { runs: groupRuns(PLACES, areas), areas, count: PLACES.length }, SIZE, zoomed,
);

test('groups are runs of their tiles', () => {
  const runs = groupRuns(PLACES, AREAS).map(({ group, first, end, area }) => (
    [group, first, end, area]
  ));
  assert.deepEqual(runs, [[1, 0, 3, 10], [0, 3, 5, 5], [2, 5, 6, 3]]);
  assert.deepEqual(groupRuns(PLACES, null).map(({ area }) => area), [3, 2, 1]);
  assert.deepEqual(groupRuns(new Uint16Array(), null), []);
});

test('tiles lie in their group, below its heading, and inside the map', () => {
  for (const areas of [AREAS, null]) {
    const layout = layoutOf(null, areas);
    for (const { first, end, x, y, w, h, head } of layout.blocks) {
      assert.equal(head, HEAD);
      let sum = 0;
      for (let n = first; n < end; n++) {
        const tile = rectOf(layout, n);
        sum += tile.w * tile.h;
        assert.ok(tile.x >= x && tile.x + tile.w <= x + w + 1e-9);
        assert.ok(tile.y >= y + head && tile.y + tile.h <= y + h + 1e-9);
      }
      close(sum, w * (h - head));
      assert.ok(x >= 0 && y >= 0 && x + w <= SIZE.width && y + h <= SIZE.height);
    }
  }
});

test('a group that is zoomed in has the whole map, and the others none of it', () => {
  const layout = layoutOf(0);
  assert.deepEqual(layout.blocks.map(({ group }) => group), [0]);
  const [{ x, y, w, h }] = layout.blocks;
  assert.deepEqual({ x, y, w, h }, { x: 0, y: 0, w: SIZE.width, h: SIZE.height });
  assert.equal(rectOf(layout, 0).w, 0);
  assert.ok(rectOf(layout, 3).w > 0);
});

test('what lies at a point is what was laid there', () => {
  for (const zoomed of [null, 0]) {
    const layout = layoutOf(zoomed);
    for (const { group, first, end, x, y, w } of layout.blocks) {
      assert.deepEqual(placeAt(layout, x + w / 2, y + HEAD / 2), { group });
      for (let n = first; n < end; n++) {
        const tile = rectOf(layout, n);
        assert.deepEqual(placeAt(layout, tile.x + tile.w / 2, tile.y + tile.h / 2), { tile: n });
        assert.deepEqual(placeAt(layout, tile.x, tile.y), { tile: n });
      }
    }
    assert.equal(placeAt(layout, -1, 5), null);
    assert.equal(placeAt(layout, 5, SIZE.height + 1), null);
  }
  assert.equal(placeAt(layoutOf(null), 0.2, 0.2), null); // between groups
});

// Four columns and three rows of one group.
const GRID = (() => {
  const rects = new Float64Array(48);
  for (let n = 0; n < 12; n++) rects.set([n % 4 * 10, Math.floor(n / 4) * 10, 10, 10], 4 * n);
  return { rects, blocks: [{ group: 0, first: 0, end: 12, x: 0, y: 0, w: 40, h: 30, head: 0 }] };
})();

test('an arrow leads to the tile beside', () => {
  assert.deepEqual(
    [[1, 0], [-1, 0], [0, 1], [0, -1]].map(([dx, dy]) => neighbour(GRID, 5, dx, dy)),
    [6, 4, 9, 1],
  );
});

test('an arrow at the edge stays', () => {
  assert.equal(neighbour(GRID, 3, 1, 0), 3);
  assert.equal(neighbour(GRID, 8, 0, 1), 8);
  assert.equal(neighbour(GRID, 0, -1, 0), 0);
});

test('arrows reach every tile of a map of groups', () => {
  const random = dice(9), places = new Uint16Array(60).map((_, n) => Math.floor(n / 20));
  const areas = Float32Array.from([0, 1, 2].flatMap(() => falling(20, random, 4)));
  const layout = mapLayout({ runs: groupRuns(places, areas), areas, count: 60 }, SIZE);
  const reached = new Set([0]), queue = [0];
  while (queue.length) {
    const from = queue.pop();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      const next = neighbour(layout, from, dx, dy), a = rectOf(layout, from);
      const b = rectOf(layout, next);
      if (next !== from && dx > 0) assert.ok(b.x >= a.x + a.w - 1);
      if (next !== from && dy < 0) assert.ok(b.y + b.h <= a.y + 1);
      if (!reached.has(next)) { reached.add(next); queue.push(next); }
    }
  }
  assert.equal(reached.size, 60);
});
