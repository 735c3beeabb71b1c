import assert from 'node:assert/strict';
import test from 'node:test';

import {
  filtersOf, listed, openedBy, sparkRuns, toggled, toneOf,
} from '../../pages/drafting/static/claim_list.mjs';

const CLAIMS = ['supported', 'contradicted', 'supported', 'superseded', 'unverifiable']
  .map((tone, number) => ({ tone, number }));

test('words of several claims have the tone that wants attention most', () => {
  assert.equal(toneOf([0, 1], CLAIMS), 'contradicted');
  assert.equal(toneOf([0, 3, 4], CLAIMS), 'superseded');
  assert.equal(toneOf([0, 2], CLAIMS), 'supported');
  assert.equal(toneOf([9], CLAIMS), 'supported');
});

test('a click on shared words goes round their claims', () => {
  assert.equal(openedBy([3, 5], null), 3);
  assert.equal(openedBy([3, 5], 3), 5);
  assert.equal(openedBy([3, 5], 5), 3);
});

test('filters are those that have claims, the gravest first', () => {
  assert.deepEqual(filtersOf(CLAIMS).map((one) => one.label),
    ['All 5', 'Contradicted 1', 'Superseded 1', 'Not verifiable 1', 'Supported 2']);
  assert.deepEqual(filtersOf([]).map((one) => one.label), ['All 0']);
  assert.deepEqual(listed(CLAIMS, 'supported').map((one) => one.number), [0, 2]);
  assert.equal(listed(CLAIMS, 'all').length, 5);
});

test('a correction is accepted once, and given back', () => {
  assert.deepEqual(toggled([4], 2), [2, 4]);
  assert.deepEqual(toggled([2, 4], 2), [4]);
});

test('a small line has holes where values are missing', () => {
  const size = { width: 10, height: 13 };
  assert.deepEqual(sparkRuns([1, 2, null, 2, 1], size), ['0,11.5 2.5,1.5', '7.5,1.5 10,11.5']);
  assert.deepEqual(sparkRuns([3, 3], size), ['0,6.5 10,6.5']);
  assert.deepEqual(sparkRuns([null, 3], size), []);
  assert.deepEqual(sparkRuns([], size), []);
});
