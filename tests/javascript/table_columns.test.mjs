import assert from 'node:assert/strict';
import test from 'node:test';
import {
  choiceKey, hiddenPlaces, hiddenWords, panelName, readHidden, withColumn,
} from '../../pages/frame/static/table_columns.mjs';

test('a choice is kept by page and panel', () => {
  assert.equal(choiceKey('/positions', 'lots'), 'barograph-columns:positions/lots');
  assert.equal(choiceKey('/', 'due-next'), 'barograph-columns:overview/due-next');
  assert.notEqual(choiceKey('/jobs', 'runs'), choiceKey('/data', 'runs'));
});

test('what cannot be read hides nothing', () => {
  assert.deepEqual(readHidden(null), []);
  assert.deepEqual(readHidden('{"a": 1}'), []);
  assert.deepEqual(readHidden('["gain'), []);
  assert.deepEqual(readHidden('["gain", 3, "last"]'), ['gain', 'last']);
});

test('a column is hidden once and shown again', () => {
  assert.deepEqual(withColumn(['a'], 'b', false), ['a', 'b']);
  assert.deepEqual(withColumn(['a', 'b'], 'b', false), ['a', 'b']);
  assert.deepEqual(withColumn(['a', 'b'], 'a', true), ['b']);
});

test('columns are found by name, also where others have come or gone', () => {
  assert.deepEqual(hiddenPlaces(['a', 'b', 'c'], ['b']), [1]);
  assert.deepEqual(hiddenPlaces(['b', 'new', 'c'], ['b', 'gone']), [0]);
  assert.deepEqual(hiddenPlaces(['a', 'c'], ['b']), []);
});

test('a table without any other column shows all', () => {
  assert.deepEqual(hiddenPlaces(['a', 'b'], ['a', 'b', 'c']), []);
  assert.deepEqual(hiddenPlaces([], ['a']), []);
});

test('the note names what is hidden', () => {
  assert.equal(hiddenWords(['gain']), '1 column hidden: gain. ');
  assert.equal(hiddenWords(['gain', 'last']), '2 columns hidden: gain, last. ');
});

test('a panel has the name of its frame', () => {
  assert.equal(panelName('stVerticalBlock st-key-panel-due-next x'), 'due-next');
  assert.equal(panelName('st-key-menu-due-next'), null);
  assert.equal(panelName('st-key-panel-'), '');
});
