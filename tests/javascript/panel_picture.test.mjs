import assert from 'node:assert/strict';
import test from 'node:test';
import {
  extent, paintMarks, pictureScale, wrapText,
} from '../../pages/frame/static/panel_picture.mjs';

const widthOf = (text) => text.length;

test('a picture is twice as fine as the page, a very large one less', () => {
  assert.equal(pictureScale(1000, 600), 2);
  const scale = pictureScale(1400, 12_000);
  assert.ok(scale < 2);
  assert.ok(12_000 * scale <= 16_000);
  assert.ok(9000 * pictureScale(9000, 9000) ** 2 * 9000 <= 60_000_001);
});

test('a note is broken between words', () => {
  assert.deepEqual(wrapText('one two three', 7, widthOf), ['one two', 'three']);
  assert.deepEqual(wrapText('immeasurable a', 5, widthOf), ['immeasurable', 'a']);
  assert.deepEqual(wrapText('', 5, widthOf), ['']);
});

test('a picture is as wide as a table that scrolls, and ends with what is shown', () => {
  const frame = { left: 10, top: 20, width: 300, height: 500 };
  const mark = { left: 20, top: 30, width: 700, height: 40 };
  const nothing = { left: 0, top: 0, width: 0, height: 9000 };
  assert.deepEqual(extent(frame, [mark, nothing]), { left: 10, top: 20, width: 710, height: 50 });
  assert.deepEqual(extent(frame, []), { left: 10, top: 20, width: 300, height: 0 });
});

function recorder() {
  const calls = [];
  const context = {
    calls,
    save: () => {},
    restore: () => {},
    measureText: () => ({ fontBoundingBoxAscent: 8, fontBoundingBoxDescent: 2 }),
    fillText: (...words) => calls.push(['text', ...words]),
    fillRect: (...words) => calls.push(['box', ...words]),
  };
  return context;
}

test('markup in a cell is painted as the text that it is', () => {
  const context = recorder(), text = '<img src=x onerror=alert(1)>';
  const place = { left: 5, top: 10, width: 80, height: 14, alpha: 1 };
  paintMarks(context, [{
    ...place, kind: 'text', text, font: '12px x', colour: 'red', spacing: 'normal', direction: 'ltr',
  }]);
  assert.deepEqual(context.calls, [['text', text, 5, 20]]);
});

test('what has no size is not painted', () => {
  const context = recorder();
  const box = { kind: 'box', left: 1, top: 2, alpha: 1, colour: 'red' };
  paintMarks(context, [{ ...box, width: 0, height: 4 }, { ...box, width: 3, height: 4 }]);
  assert.deepEqual(context.calls, [['box', 1, 2, 3, 4]]);
});
