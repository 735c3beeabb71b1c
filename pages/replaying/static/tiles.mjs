// Where the tiles of the moving heatmap lie and what colour each has. Pure functions.
import { clamp } from '../../frame/static/scales.mjs';

const HEAD = 16; // pixels of a group's heading

// Groups one below the other, each with a heading and with room by the number of its members.
export function tileLayout({ names, groups }, { left, right, top, height }) {
  const members = new Map();
  groups.forEach((group, n) => members.set(group, [...members.get(group) ?? [], n]));
  const headings = [], cells = [], width = right - left, room = height - HEAD * members.size;
  let y = top;
  for (const [name, places] of members) {
    const share = Math.max(room * places.length / names.length, 10);
    const rows = Math.max(1, Math.round(Math.sqrt(places.length * share / width)));
    const columns = Math.ceil(places.length / rows), w = width / columns, h = share / rows;
    headings.push({ name, x: left, y: y + 14 });
    places.forEach((n, k) => cells.push({
      n, x: left + (k % columns) * w, y: y + HEAD + Math.floor(k / columns) * h, w, h,
    }));
    y += HEAD + share;
  }
  return { headings, cells };
}

// The move of an instrument at a frame in hundredths of a percent; null where it is not known.
export function moveAt({ names, moves, none }, frame, n) {
  const move = frame < 0 ? none : moves[frame * names.length + n];
  return move === none ? null : move;
}

// From -1 to 1, where the colours end.
export const shareOf = (move, scale) => clamp(move / scale, -1, 1);

export const rampColor = (ramp, share) => ramp[Math.round((share + 1) / 2 * (ramp.length - 1))];
