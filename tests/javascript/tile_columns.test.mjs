import assert from 'node:assert/strict';
import test from 'node:test';
import { unpacked } from '../../pages/frame/static/packed.mjs';
import { cardOf, decodeColumns, spokenTile } from '../../pages/heat/static/tile_columns.mjs';
import {
  cardPlace, fitted, linePoints, tileLabel, writeMove, writePrice,
} from '../../pages/heat/static/tile_text.mjs';

const pack = (numbers) => btoa(String.fromCharCode(...new Uint8Array(numbers.buffer)));
const PERCENT = { factor: 100, unit: ' %' }, SCORE = { factor: 1, unit: '' };

test('numbers come as they were sent, to the last bit', () => {
  for (const sent of [
    Float64Array.of(0.1 + 0.2, -0, 5e-324, Number.MAX_VALUE), Int16Array.of(0, -1, 32767, -32768),
    Float32Array.of(1.5), Uint8Array.of(), Uint16Array.of(65535),
  ]) assert.deepEqual(unpacked(pack(sent), sent.constructor), sent);
  assert.deepEqual(unpacked(btoa('\x01\x02'), Uint16Array), Uint16Array.of(513)); // low byte first
  assert.ok(Number.isNaN(unpacked(pack(Float64Array.of(NaN)), Float64Array)[0]));
});

const DATA = {
  measure: 'Total return, 1d', figure: PERCENT,
  columns: {
    symbols: ['x:a', 'x:b'], tickers: ['A', 'B'], names: ['Alpha <b>', 'B'],
    groups: { words: ['Energy', 'Tech'], places: pack(Uint16Array.of(1, 0)) },
    days: { words: ['13 Mar 2020'], places: pack(Uint16Array.of(0, 0)) },
    units: { words: ['', 'CHF'], places: pack(Uint16Array.of(1, 0)) },
    areas: null, values: pack(Float64Array.of(-0.0664, NaN)),
    closes: pack(Float64Array.of(1041.091, -0.375)),
    paths: {
      lengths: pack(Uint8Array.of(3, 0)), levels: pack(Uint8Array.of(0, 255, 128)),
      rises: pack(Uint8Array.of(1, 0)),
    },
    headlines: ['Cuts {b} jobs', null], headline_days: ['12 Mar', null],
  },
};

test('a card says name, price, change, session and headline', () => {
  const tiles = decodeColumns(DATA);
  assert.equal(tiles.count, 2);
  assert.deepEqual({ ...cardOf(tiles, 0, DATA), levels: 0 }, {
    ticker: 'A', name: 'Alpha <b>', price: '1,041.09 CHF', change: '−6.6 %',
    measure: 'Total return, 1d', levels: 0, isRise: true, session: 'session of 13 Mar 2020',
    headline: 'Cuts {b} jobs', headlineDay: '12 Mar',
  });
  assert.deepEqual([...cardOf(tiles, 0, DATA).levels], [0, 255, 128]);
});

test('what is not known is left out of a card, or said', () => {
  const card = cardOf(decodeColumns(DATA), 1, DATA);
  assert.deepEqual([card.name, card.change, card.headline, card.price, card.levels.length],
    ['', 'not known', '', '−0.375', 0]);
});

test('a tile is one sentence for a reader who listens', () => {
  const tiles = decodeColumns(DATA);
  assert.equal(spokenTile(tiles, 0, DATA),
    'A, Alpha <b>: −6.6 %, price 1,041.09 CHF, session of 13 Mar 2020, Tech');
  assert.equal(spokenTile(tiles, 1, DATA),
    'B: not known, price −0.375, session of 13 Mar 2020, Energy');
});

// What Python writes for these: f"{100 * v:+z.1f} %", exact halves to the even digit.
test('a figure is written as the server writes it', () => {
  for (const [value, text] of [
    [0, '+0.0 %'], [-0, '+0.0 %'], [-0.0004, '+0.0 %'], [0.0025, '+0.2 %'], [0.0075, '+0.8 %'],
    [-0.0025, '−0.2 %'], [0.0035, '+0.4 %'], [0.01349, '+1.3 %'], [12.3456, '+1234.6 %'],
    [-0.0664, '−6.6 %'], [NaN, 'not known'],
  ]) assert.equal(writeMove(value, PERCENT), text, String(value));
  for (const [value, text] of [[1.25, '+1.2'], [-0.04, '+0.0'], [-2.26, '−2.3']]) {
    assert.equal(writeMove(value, SCORE), text);
  }
});

test('a price has two decimals from ten on, else six digits', () => {
  for (const [price, text] of [
    [1041.091, '1,041.09'], [10, '10.00'], [-12.345, '−12.35'], [9.5, '9.5'], [0, '0'], [1234567.125, '1,234,567.12'],
    [10.375, '10.38'],     [0.000123456789, '0.000123457'], [1.2345678, '1.23457'], [-0.375, '−0.375'], [NaN, '–'],
  ]) assert.equal(writePrice(price), text, String(price));
});

const letters = (text, size = 10) => text.length * size * 0.6;
const width = (text) => letters(text);

test('a name is cut with an ellipsis, never to less than three letters', () => {
  assert.equal(fitted('ABCDEF', 36, width), 'ABCDEF');
  assert.equal(fitted('ABCDEF', 30, width), 'ABCD…');
  assert.equal(fitted('ABCDEF', 24, width), 'ABC…');
  assert.equal(fitted('ABCDEF', 23, width), '');
  assert.equal(fitted('ABC', 17, width), '');
});

test('a figure stands on a tile whole or not at all', () => {
  for (let w = 1; w < 120; w++) {
    for (let h = 1; h < 60; h++) {
      const label = tileLabel({ w, h }, 0.02, ['SYMB', '+12.3 %'], letters);
      if (!label) continue;
      assert.ok(label.figure === '' || label.figure === '+12.3 %');
      assert.ok(letters(label.name, label.size) <= w - 3);
      assert.ok(letters(label.figure, label.size) <= w - 3);
      assert.ok((label.size + 2) * (label.figure ? 2 : 1) <= h);
    }
  }
});

const sizeOf = (w, h, share) => tileLabel({ w, h }, share, ['SYMB', '+1.0 %'], letters).size;

test('a larger tile has larger type, unless its name would not fit', () => {
  assert.deepEqual([[300, 200, 0.5], [300, 200, 0.02], [300, 200, 0.008], [300, 200, 0.001],
    [32, 200, 0.5]].map((args) => sizeOf(...args)), [16, 13, 11, 10, 11]);
});

test('a line goes through its levels and stays in its box', () => {
  assert.equal(linePoints([0, 255, 128], { width: 180, height: 36 }), '0,34 90,2 180,18');
  assert.equal(linePoints([0, 0], { width: 180, height: 36 }), '0,34 180,34');
  assert.equal(linePoints([7], { width: 180, height: 36 }), '');
});

test('a card stays inside the map', () => {
  const map = { width: 600, height: 400 }, card = { width: 200, height: 120 };
  for (const [x, y] of [[0, 0], [599, 0], [0, 399], [599, 399], [300, 200]]) {
    const { left, top } = cardPlace({ x, y }, card, map);
    assert.ok(left >= 0 && left + card.width <= map.width && top >= 0);
    assert.ok(top + card.height <= map.height);
    const covers = x > left && x < left + card.width && y > top && y < top + card.height;
    assert.ok(!covers, `${x} ${y}`);
  }
  assert.deepEqual(cardPlace({ x: 5, y: 5 }, card, { width: 100, height: 90 }), { left: 0, top: 0 });
});
