// The columns of a map as the server sends them, and what one tile says. Pure functions.
import { unpacked } from '../../frame/static/packed.mjs';
import { writeMove, writePrice } from './tile_text.mjs';

// Repeated words: { words, places } as one place per tile.
const decodedWords = ({ words, places }) => ({ words, places: unpacked(places, Uint16Array) });

const wordOf = ({ words, places }, n) => words[places[n]];

export function decodeColumns(data) {
  const { columns } = data, lengths = unpacked(columns.paths.lengths, Uint8Array);
  const starts = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, n) => { starts[n + 1] = starts[n] + length; });
  return {
    ...columns,
    count: columns.symbols.length,
    groups: decodedWords(columns.groups),
    days: decodedWords(columns.days),
    units: decodedWords(columns.units),
    areas: columns.areas === null ? null : unpacked(columns.areas, Float32Array),
    values: unpacked(columns.values, Float64Array),
    closes: unpacked(columns.closes, Float64Array),
    paths: {
      starts, levels: unpacked(columns.paths.levels, Uint8Array),
      rises: unpacked(columns.paths.rises, Uint8Array),
    },
  };
}

// What the card of a tile says, as plain text.
export function cardOf(tiles, n, { measure, figure }) {
  const { paths } = tiles, name = tiles.names[n];
  return {
    ticker: tiles.tickers[n],
    name: name === tiles.tickers[n] ? '' : name ?? '',
    price: `${writePrice(tiles.closes[n])} ${wordOf(tiles.units, n)}`.trimEnd(),
    change: writeMove(tiles.values[n], figure),
    measure,
    levels: paths.levels.subarray(paths.starts[n], paths.starts[n + 1]),
    isRise: Boolean(paths.rises[n]),
    session: `session of ${wordOf(tiles.days, n)}`,
    headline: tiles.headlines[n] ?? '',
    headlineDay: tiles.headline_days[n] ?? '',
  };
}

// The same for a reader who listens, in one sentence.
export function spokenTile(tiles, n, data) {
  const { ticker, name, price, change, session } = cardOf(tiles, n, data);
  const who = name ? `${ticker}, ${name}` : ticker;
  return `${who}: ${change}, price ${price}, ${session}, ${wordOf(tiles.groups, n)}`;
}
