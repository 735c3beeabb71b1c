import assert from 'node:assert/strict';
import test from 'node:test';
import { entered, listed, moved, sentences } from '../../pages/search/static/picker_state.mjs';

const line = (id) => ({ id, title: id, detail: '' });
const DATA = {
  recents: [line('r1')], hits: [line('a'), line('b')], asked: 'app', note: 'More than 12.',
  before: 'Recent', placeholder: 'Name',
};

test('recent ones without letters, hits for the letters that were answered, else none yet', () => {
  assert.deepEqual(listed(' ', DATA), DATA.recents);
  assert.deepEqual(listed('app ', DATA), DATA.hits);
  assert.equal(listed('appl', DATA), null);
});

test('what is said above and below the list', () => {
  assert.deepEqual(sentences('', DATA), { above: 'Recent', below: '' });
  assert.deepEqual(sentences('', { ...DATA, recents: [] }), { above: '', below: 'Name' });
  assert.deepEqual(sentences('app', DATA), { above: '', below: 'More than 12.' });
  assert.deepEqual(sentences('appl', DATA), { above: '', below: 'Searching…' });
});

test('arrows go around', () => {
  assert.deepEqual([0, 1].map((place) => moved(place, 'ArrowDown', 2)), [1, 0]);
  assert.deepEqual([0, 1].map((place) => moved(place, 'ArrowUp', 2)), [1, 0]);
  assert.equal(moved(0, 'ArrowDown', 0), 0);
});

test('Enter takes what is marked, asks about what is not answered, and never guesses', () => {
  assert.deepEqual(entered('app', DATA, 1), { take: 'b' });
  assert.deepEqual(entered('app', DATA, 9), { take: 'b' });
  assert.deepEqual(entered('', DATA, 0), { take: 'r1' });
  assert.deepEqual(entered('appl', DATA, 0), { type: 'appl' });
  assert.deepEqual(entered('app', { ...DATA, hits: [] }, 0), { type: 'app' });
  assert.equal(entered(' ', { ...DATA, recents: [] }, 0), null);
});
