import assert from 'node:assert/strict';
import test from 'node:test';
import { themeOf } from '../../pages/frame/static/browser_theme.mjs';
import { awaitedText, keyTarget } from '../../pages/search/static/palette_keys.mjs';

test('Enter in the field opens the first result; on a result the browser opens it', () => {
  assert.deepEqual(keyTarget('Enter', -1, 3), { place: 0, opens: true });
  assert.equal(keyTarget('Enter', 1, 3), null);
});

const place = (key, focused) => keyTarget(key, focused, 3).place;

test('arrows move from the field through the results and back to it', () => {
  assert.deepEqual([-1, 0, 2].map((focused) => place('ArrowDown', focused)), [0, 1, 2]);
  assert.deepEqual([-1, 0, 2].map((focused) => place('ArrowUp', focused)), [-1, -1, 1]);
});

test('Enter waits for the results of what is typed', () => {
  assert.equal(awaitedText('gold ', 'gold'), null);
  assert.equal(awaitedText('goldm', 'gold'), 'goldm');
  assert.equal(awaitedText('', 'gold'), '');
});

test('other keys, and a palette without results, do nothing', () => {
  assert.equal(keyTarget('a', -1, 3), null);
  assert.equal(keyTarget('toString', -1, 3), null);
  for (const key of ['Enter', 'ArrowDown', 'ArrowUp']) assert.equal(keyTarget(key, -1, 0), null);
});

test('the theme is that of the ground that is shown', () => {
  assert.deepEqual(['#10161d', '#FFFFFF', '#7f7f7f', '#808080'].map(themeOf),
    ['dark', 'light', 'dark', 'light']);
  assert.equal(themeOf(''), null);
  assert.equal(themeOf('rgb(0, 0, 0)'), null);
});
