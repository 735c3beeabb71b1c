import assert from 'node:assert/strict';
import test from 'node:test';
import {
  addressOf, edge, gradientStops, joinLines, paints, withOwnAddresses,
} from '../../pages/frame/static/panel_marks.mjs';

test('a clear colour paints nothing', () => {
  for (const clear of ['transparent', 'rgba(0, 0, 0, 0)', 'color(srgb 0.1 0.2 0.3 / 0)', '']) {
    assert.equal(paints(clear), false, clear);
  }
  for (const colour of ['rgb(0, 0, 0)', 'rgba(0, 0, 0, 0.5)', 'color(srgb 0.1 0.2 0 / 0.4)']) {
    assert.equal(paints(colour), true, colour);
  }
});

test('a gradient from left to right has its stops, any other ground none', () => {
  assert.deepEqual(
    gradientStops('linear-gradient(90deg, rgba(0, 0, 0, 0) 49.5%, rgb(1, 2, 3) 50.5%)'),
    [[0.495, 'rgba(0, 0, 0, 0)'], [0.505, 'rgb(1, 2, 3)']],
  );
  assert.deepEqual(
    gradientStops('linear-gradient(to right, red, rgb(1, 2, 3), blue)'),
    [[0, 'red'], [0.5, 'rgb(1, 2, 3)'], [1, 'blue']],
  );
  assert.equal(gradientStops('none'), null);
  assert.equal(gradientStops('repeating-linear-gradient(45deg, red 0px, blue 5px)'), null);
  assert.equal(
    gradientStops('linear-gradient(to right, red, blue), linear-gradient(to left, red, blue)'),
    null,
  );
});

test('only a mask that is a drawing has an address', () => {
  assert.equal(addressOf('url("data:image/svg+xml,<svg/>")'), 'data:image/svg+xml,<svg/>');
  assert.equal(addressOf('none'), null);
  assert.equal(addressOf(undefined), null);
});

const piece = (text, left, top) => ({ text, left, top, width: 10, height: 12 });

test('words of one line are one text, those of the next another', () => {
  const lines = joinLines([piece('a ', 0, 0), piece('b ', 10, 0.5), piece('c', 0, 14)]);
  assert.deepEqual(lines.map(({ text, width, top }) => [text, width, top]), [
    ['a b ', 20, 0], ['c', 10, 14],
  ]);
  assert.deepEqual(joinLines([{ ...piece('a', 0, 0), width: 0 }]), []);
});

test('a border is four thin boxes', () => {
  const place = { left: 10, top: 20, width: 100, height: 50 };
  assert.deepEqual(edge('Bottom', place, 2), { left: 10, top: 68, width: 100, height: 2 });
  assert.deepEqual(edge('Right', place, 1), { left: 109, top: 20, width: 1, height: 50 });
  assert.deepEqual(edge('Top', place, 1), { left: 10, top: 20, width: 100, height: 1 });
  assert.deepEqual(edge('Left', place, 1), { left: 10, top: 20, width: 1, height: 50 });
});

test('a drawing refers to its own parts wherever it is', () => {
  assert.equal(
    withOwnAddresses('<path fill="url(http://127.0.0.1:1/countries?a=b#g0)"/>'),
    '<path fill="url(#g0)"/>',
  );
  assert.equal(
    withOwnAddresses('<g style="fill: url(&quot;http://h/p#g1&quot;)"/>'),
    '<g style="fill: url(&quot;#g1&quot;)"/>',
  );
  assert.equal(withOwnAddresses('clip-path="url(#c)"'), 'clip-path="url(#c)"');
});
