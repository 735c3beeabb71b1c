import assert from 'node:assert/strict';
import test from 'node:test';
import { copy, linkOf } from '../../pages/frame/static/copy_link.mjs';

const HERE = 'http://desk:8501/series?id=demo:USA.CPI&span=3y';

test('a link made at Now keeps the minute that was shown', () => {
  const link = new URL(linkOf(HERE, '2026-11-29T14:30:00Z'));
  assert.equal(link.searchParams.get('as_of'), '2026-11-29T14:30:00Z');
  assert.equal(link.searchParams.get('id'), 'demo:USA.CPI');
  assert.equal(link.searchParams.get('span'), '3y');
});

test('a link made at a past clock is the address itself', () => {
  const past = `${HERE}&as_of=2020-03-16T20:00:00Z`;
  assert.equal(linkOf(past, ''), past);
});

function pageWithout(allowed) {
  const field = { style: {}, setAttribute() {}, select() {}, remove() { field.removed = true; } };
  return { field, createElement: () => field, body: { append() {} }, execCommand: () => allowed };
}

test('without a clipboard a selected field is copied and taken away', async () => {
  const page = pageWithout(true);
  await copy('text', undefined, page);
  assert.equal(page.field.value, 'text');
  assert.ok(page.field.removed);
});

test('what the browser does not allow is an error', async () => {
  await assert.rejects(copy('text', undefined, pageWithout(false)));
});
