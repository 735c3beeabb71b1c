// What is written on a tile and on its card: figures as the server writes them, names cut to what
// fits, the line of the last closes. Pure functions.

// A number with so many decimals, an exact half to the even digit as the server has it.
function fixed(value, digits) {
  const size = Math.abs(value), halves = size * 2 ** (digits + 1);
  const isHalf = Number.isInteger(halves) && halves % 2 === 1;
  let text = size.toFixed(digits);
  if (isHalf && Number(text.at(-1)) % 2) text = (size * (1 - Number.EPSILON)).toFixed(digits);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

const withThousands = (text) => {
  const [whole, ...rest] = text.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.');
};

// A value of the measure with its sign and unit; a zero that was rounded has a plus.
export function writeMove(value, { factor, unit }) {
  if (!Number.isFinite(value)) return 'not known';
  const text = fixed(factor * value, 1);
  return `${text.startsWith('−') ? '' : '+'}${text}${unit}`;
}

// A price: two decimals from ten on, else six digits that say something.
export function writePrice(price) {
  if (!Number.isFinite(price)) return '–';
  if (Math.abs(price) >= 10) return withThousands(fixed(price, 2));
  const places = price ? 5 - Math.floor(Math.log10(Math.abs(price))) : 0;
  const text = withThousands(fixed(price, Math.min(Math.max(places, 0), 100)));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

// A name as it fits into a width: whole, or its first letters and an ellipsis, at least three
// of them; empty where not even these fit. `widthOf` measures a text.
export function fitted(name, width, widthOf) {
  if (widthOf(name) <= width) return name;
  for (let length = name.length - 1; length >= 3; length--) {
    const text = `${name.slice(0, length)}…`;
    if (widthOf(text) <= width) return text;
  }
  return '';
}

const TYPES = [[0.03, 16], [0.012, 13], [0.006, 11], [0, 10]]; // size of type by share of the map
const SMALLER = [9, 8]; // of a name that would not fit whole
const SIDE = 1.5;
export const LEADING = 2; // between the lines of a tile

// The lines of a tile: its size of type, its name, and its figure only if that fits whole.
// `widthOf` measures a text in a size of type.
export function tileLabel({ w, h }, share, [name, figure], widthOf) {
  const room = w - 2 * SIDE;
  if (room < 14 || h < 10 + LEADING) return null;
  const sizes = TYPES.filter(([least]) => least <= share).map(([, size]) => size)
    .filter((size) => size + LEADING <= h);
  const size = [...sizes, ...SMALLER].find((type) => widthOf(name, type) <= room) ?? sizes.at(-1);
  const line = fitted(name, room, (text) => widthOf(text, size));
  if (!line) return null;
  const isTall = h >= 2 * (size + LEADING);
  const hasFigure = Boolean(figure) && isTall && widthOf(figure, size) <= room;
  return { size, name: line, figure: hasFigure ? figure : '' };
}

// The corners of a line through levels from 0 to 255, in a box; empty for fewer than two.
export function linePoints(levels, { width, height }) {
  if (levels.length < 2) return '';
  return Array.from(levels, (level, n) => (
    `${Math.round(width * n / (levels.length - 1))},${
      Math.round(height - 2 - (height - 4) * level / 255)}`
  )).join(' ');
}

// Where a card stands beside a point, inside the map.
export function cardPlace({ x, y }, card, map) {
  const left = x + 14 + card.width <= map.width ? x + 14 : x - 14 - card.width;
  const top = y + 14 + card.height <= map.height ? y + 14 : y - 14 - card.height;
  return {
    left: Math.min(Math.max(left, 0), Math.max(map.width - card.width, 0)),
    top: Math.min(Math.max(top, 0), Math.max(map.height - card.height, 0)),
  };
}
