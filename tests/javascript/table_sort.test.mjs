import assert from 'node:assert/strict';
import test from 'node:test';
import { compared, keyOf, nextOrder, sortKey, sortedPlaces } from '../../pages/frame/static/table_sort.mjs';

test('a number is read as it is written on the pages', () => {
  assert.equal(sortKey('▼ −6.63 %'), -6.63);
  assert.equal(sortKey('▲ +13.34 %'), 13.34);
  assert.equal(sortKey('12,490.00 ZAc'), 12490);
  assert.equal(sortKey('1,510'), 1510);
  assert.equal(sortKey(' 0 '), 0);
});

test('what is not known has no key', () => {
  assert.equal(sortKey('–'), null);
  assert.equal(sortKey('  '), null);
});

test('days, months and times are in the order of time', () => {
  const keys = ['29 Nov 2025', '03 Jan 2026', '03 Jan 2026 20:00', '04 Jan 2026'].map(sortKey);
  assert.deepEqual(keys, keys.toSorted((one, other) => one - other));
  assert.ok(sortKey('Oct 2026') > sortKey('Sep 2026'));
  assert.ok(sortKey('2026 Q3') > sortKey('2026 Q1'));
  assert.ok(sortKey('2026 Q1') > sortKey('Dec 2025'));
  assert.ok(sortKey('2026') > sortKey('2025 Q4'));
  assert.ok(sortKey('2026-01-02') > sortKey('2025-12-31'));
  assert.ok(sortKey('Mon 30 Nov 01:00') > sortKey('Sun 29 Nov 20:00'));
});

test('ages are compared by what they last', () => {
  assert.ok(sortKey('45 min') < sortKey('22 h'));
  assert.ok(sortKey('22 h') < sortKey('17 d ago'));
});

test('words are compared without regard to capitals, and a name with a digit is a word', () => {
  assert.equal(sortKey('Turkey'), 'turkey');
  assert.equal(sortKey('STM1'), 'stm1');
});

test('what is not known is last both ways, and numbers stand before words', () => {
  for (const down of [true, false]) {
    assert.ok(compared(null, 1, down) > 0);
    assert.ok(compared('a', null, down) < 0);
    assert.ok(compared(1, 'a', down) < 0);
    assert.equal(compared(null, null, down), 0);
  }
  assert.ok(compared(2, 1, true) < 0);
  assert.ok(compared(2, 1, false) > 0);
});

test('a column goes down, up, and back to how it came', () => {
  assert.deepEqual(['none', 'descending', 'ascending'].map(nextOrder), [
    'descending', 'ascending', 'none',
  ]);
  assert.equal(nextOrder('other'), 'descending');
});

test('rows are sorted within their group, equal ones stay as they came', () => {
  const keys = [1, 3, 3, null, 2], groups = [0, 0, 0, 1, 1];
  assert.deepEqual(sortedPlaces(keys, groups, 'descending'), [1, 2, 0, 4, 3]);
  assert.deepEqual(sortedPlaces(keys, groups, 'ascending'), [0, 1, 2, 4, 3]);
  assert.deepEqual(sortedPlaces(keys, groups, 'none'), [0, 1, 2, 3, 4]);
});

test('a line sorts by how far it has come, another cell by its text', () => {
  const line = { textContent: '', querySelector: () => ({ dataset: { sort: '-0.125' } }) };
  assert.equal(keyOf(line), -0.125);
  assert.equal(keyOf({ textContent: '▲ +2.00 %', querySelector: () => null }), 2);
  assert.equal(keyOf(undefined), null);
});
