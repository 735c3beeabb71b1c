import assert from 'node:assert/strict';
import test from 'node:test';
import { contentAfter } from '../../pages/frame/static/landmarks.mjs';

// Elements as far as the function looks at them.
function element(tag, parentElement = null, nextElementSibling = null) {
  return { tag, parentElement, nextElementSibling, matches: (selector) => selector === tag };
}

test('the block behind the bar is the content, also where the bar lies deeper', () => {
  const main = element('main'), block = element('div');
  const wrapper = element('div', main, block);
  assert.equal(contentAfter(element('div', wrapper)), block);
  assert.equal(contentAfter(wrapper), block);
});

test('what lies beside the main part is never the content', () => {
  const main = element('main', null, element('footer'));
  assert.equal(contentAfter(element('div', main)), null);
});
