// Where the tiles of the map lie: a squarified treemap in groups, each under its heading.
// Pure functions; lengths are in pixels of the page.

export const HEAD = 18; // of a group's heading
const GAP = 3; // between groups
const LEAST = { w: 34, h: 40 }; // a group below it has no heading

// The rectangles of areas in a box, each x, y, w, h: Bruls, Huizing and van Wijk, "Squarified
// Treemaps" (2000). Areas fall; a row takes the next one as long as its worst tile gets no longer.
export function squarify(areas, { x, y, w, h }) {
  const rects = new Float64Array(4 * areas.length), left = { x, y, w, h };
  const whole = areas.reduce((sum, area) => sum + area, 0);
  const scale = whole > 0 ? w * h / whole : 0;
  let first = 0;
  while (first < areas.length) {
    const row = nextRow(areas, first, scale, Math.min(left.w, left.h));
    placeRow({ ...row, first, areas, scale }, left, rects);
    first = row.end;
  }
  return rects;
}

// The end of the row that begins with an area along a side, and the pixels that it takes.
function nextRow(areas, first, scale, side) {
  const largest = areas[first] * scale;
  let sum = largest, end = first + 1, worst = longest(largest, largest, sum, side);
  while (end < areas.length) {
    const area = areas[end] * scale;
    const next = longest(largest, area, sum + area, side);
    if (next > worst) break;
    worst = next; sum += area; end += 1;
  }
  return { end, sum };
}

// How much longer than wide the worst tile of a row is.
function longest(largest, least, sum, side) {
  const square = sum * sum, sides = side * side;
  return Math.max(sides * largest / square, square / (sides * least));
}

// Lays a row along the shorter side of what is left, and takes it from there.
function placeRow({ first, end, sum, areas, scale }, left, rects) {
  const isColumn = left.h <= left.w, side = isColumn ? left.h : left.w;
  const isLast = end === areas.length, across = isColumn ? left.w : left.h;
  const thick = isLast ? across : (side > 0 ? sum / side : 0);
  let along = isColumn ? left.y : left.x;
  for (let n = first; n < end; n++) {
    const length = sum > 0 ? side * (areas[n] * scale / sum) : 0;
    rects.set(isColumn ? [left.x, along, thick, length] : [along, left.y, length, thick], 4 * n);
    along += length;
  }
  if (isColumn) { left.x += thick; left.w -= thick; } else { left.y += thick; left.h -= thick; }
}

// Runs of tiles of one group, from the group of each tile; a group's tiles follow each other.
export function groupRuns(places, areas) {
  const runs = [];
  for (let n = 0; n < places.length; n++) {
    if (runs.at(-1)?.group !== places[n]) runs.push({ group: places[n], first: n, end: n, area: 0 });
    const run = runs.at(-1);
    run.end = n + 1; run.area += areas ? areas[n] : 1;
  }
  return runs;
}

// The map of runs in a box, or of the one run of a group that is zoomed in. `rects` has x, y, w, h
// of each tile, zeros for one that is not on it; `blocks` are the groups with their headings.
export function mapLayout({ runs, areas, count }, { width, height }, zoomed = null) {
  const shown = zoomed === null ? runs : runs.filter(({ group }) => group === zoomed);
  const boxes = squarify(shown.map(({ area }) => area), { x: 0, y: 0, w: width, h: height });
  const rects = new Float64Array(4 * count);
  const blocks = shown.map((run, n) => {
    const block = Object.assign(inner(boxes.subarray(4 * n, 4 * n + 4), shown.length > 1), run);
    const sizes = areas?.subarray(run.first, run.end) ?? new Uint8Array(run.end - run.first).fill(1);
    const { x, y, w, h, head } = block;
    rects.set(squarify(sizes, { x, y: y + head, w, h: h - head }), 4 * run.first);
    return block;
  });
  return { rects, blocks, width, height };
}

// The box of a group without the gap around it, and the height of its heading.
function inner([x, y, w, h], isApart) {
  const gap = isApart ? Math.min(GAP, w / 4, h / 4) : 0;
  const box = { x: x + gap / 2, y: y + gap / 2, w: w - gap, h: h - gap };
  return { ...box, head: box.w >= LEAST.w && box.h >= LEAST.h ? HEAD : 0 };
}

const isInside = (x, y, box) => (
  x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h
);

// The rectangle of a tile.
export const rectOf = ({ rects }, n) => (
  { x: rects[4 * n], y: rects[4 * n + 1], w: rects[4 * n + 2], h: rects[4 * n + 3] }
);

// What lies at a point: { tile }, or the { group } whose heading it is; null between them.
export function placeAt(layout, x, y) {
  const block = layout.blocks.find((box) => isInside(x, y, box));
  if (!block) return null;
  if (y < block.y + block.head) return { group: block.group };
  for (let tile = block.first; tile < block.end; tile++) {
    if (isInside(x, y, rectOf(layout, tile))) return { tile };
  }
  return null;
}

// The next tile from one in a direction of -1, 0 or 1 each way; itself at the edge of the map.
export function neighbour(layout, from, dx, dy) {
  const here = rectOf(layout, from);
  let best = from, least = Infinity;
  for (const block of layout.blocks) {
    for (let n = block.first; n < block.end; n++) {
      const far = n === from ? Infinity : distance(here, rectOf(layout, n), dx, dy);
      if (far < least) { least = far; best = n; }
    }
  }
  return best;
}

// How far a rectangle lies in a direction; more to the side counts three times, behind never.
function distance(here, there, dx, dy) {
  if (!there.w || !there.h) return Infinity;
  const ahead = dx ? gapOf(here.x, here.w, there.x, there.w, dx)
    : gapOf(here.y, here.h, there.y, there.h, dy);
  if (ahead < -0.5) return Infinity;
  const aside = dx ? besides(here.y + here.h / 2, there.y, there.h)
    : besides(here.x + here.w / 2, there.x, there.w);
  return Math.max(ahead, 0) + 3 * aside;
}

const gapOf = (from, size, other, otherSize, sign) => (
  sign > 0 ? other - (from + size) : from - (other + otherSize)
);

const besides = (at, low, size) => Math.max(low - at, at - (low + size), 0);
