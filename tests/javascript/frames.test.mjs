import assert from 'node:assert/strict';
import test from 'node:test';
import {
  LONGEST_WAIT, SPEEDS, dueFrame, eventCount, eventFrame, eventList, frameRate, instantOptions,
  isRepeated, neighbouringSpeed, startingSpeed, stateInWords, withoutZone, writeFrame,
} from '../../pages/replaying/static/frames.mjs';
import { writeInstant } from '../../pages/frame/static/scales.mjs';

const HOUR = 3_600_000;

test('the frame of the played instant is due', () => {
  const moments = [0, 1000, 2000, 3000];
  const due = (frame, played) => dueFrame(moments, frame, played, 1).frame;
  assert.equal(due(0, 500), 0);
  assert.equal(due(0, 1000), 1);
  assert.equal(due(0, 2999), 2); // several came between two turns of the browser
  assert.equal(due(3, 99999), 3);
  assert.equal(due(2, 500), 2); // never backwards
});

test('at full speed every frame is drawn', () => {
  assert.deepEqual(dueFrame([0, 10 * HOUR, 11 * HOUR], 0, 0, 0), { frame: 1, skipped: 0 });
  assert.deepEqual(dueFrame([0, 10 * HOUR], 1, 0, 0), { frame: 1, skipped: 0 });
});

test('a quiet night is passed over so that the next frame is due in a moment', () => {
  const moments = [0, 16 * HOUR], speed = 3600;
  const { frame, skipped } = dueFrame(moments, 0, 1000, speed);
  assert.equal(frame, 0);
  const wait = (moments[1] - (1000 + skipped)) / speed;
  assert.ok(Math.abs(wait - LONGEST_WAIT) < 1e-6);
});

test('a short wait is waited, and behind the last frame nothing is passed over', () => {
  assert.equal(dueFrame([0, 1000], 0, 0, 1).skipped, 0);
  assert.equal(dueFrame([0, LONGEST_WAIT], 0, 0, 1).skipped, 0);
  assert.equal(dueFrame([0, LONGEST_WAIT + 1], 0, 0, 1).skipped, 1);
  assert.deepEqual(dueFrame([0, 1000], 1, 5000, 1), { frame: 1, skipped: 0 });
});

test('before the first frame the window waits for it', () => {
  assert.equal(dueFrame([5000, 6000], -1, 4999, 1).frame, -1);
  assert.equal(dueFrame([5000, 6000], -1, 5000, 1).frame, 0);
});

test('each scale begins with a speed of its own and ends at its bounds', () => {
  for (const [scale, speeds] of Object.entries(SPEEDS)) {
    const rates = speeds.map(([, rate]) => rate);
    assert.ok(rates.includes(startingSpeed(scale)), scale);
    assert.equal(neighbouringSpeed(scale, rates[0], -1), rates[0]);
    assert.equal(neighbouringSpeed(scale, rates[0], 1), rates[1]);
    assert.equal(neighbouringSpeed(scale, 0, 1), 0);
    assert.equal(rates.at(-1), 0);
  }
});

const EVENTS = [
  { f: 0, kind: 'bias', text: '+1' },
  { f: 2, kind: 'release', text: 'CPI' },
  { f: 2, kind: 'regime', text: 'recovery' },
  { f: 5, kind: 'headline', text: 'a rumour' },
  { f: 5, kind: 'bias', text: '-2' },
  { f: 7, kind: 'alert', text: 'fell' },
];

test('only what had happened by a frame is counted', () => {
  assert.deepEqual([-1, 0, 1, 2, 6, 7, 99].map((frame) => eventCount(EVENTS, frame)),
    [0, 1, 1, 3, 5, 6, 6]);
  assert.equal(eventCount([], 3), 0);
});

test('a jump leads to the next prominent event, not to headlines', () => {
  assert.equal(eventFrame(EVENTS, 0, 1), 2);
  assert.equal(eventFrame(EVENTS, 2, 1), 7);
  assert.equal(eventFrame(EVENTS, 7, 1), undefined);
  assert.equal(eventFrame(EVENTS, 7, -1), 2);
  assert.equal(eventFrame(EVENTS, 2, -1), undefined);
});

test('the state in words knows nothing of later events', () => {
  assert.equal(stateInWords(EVENTS, 1), 'bias +1');
  assert.equal(stateInWords(EVENTS, 3), 'regime recovery · bias +1');
  assert.equal(stateInWords(EVENTS, 6), 'regime recovery · bias -2');
  assert.equal(stateInWords(EVENTS, 0), '');
});

const texts = (count, most) => eventList(EVENTS, count, most).map(({ text }) => text);

test('the list has the newest events first, as many as fit', () => {
  assert.deepEqual(texts(6, 40), ['fell', 'a rumour', 'recovery', 'CPI']);
  assert.deepEqual(texts(6, 2), ['fell', 'a rumour']);
  assert.deepEqual(texts(3, 40), ['recovery', 'CPI']);
  assert.deepEqual(texts(0, 40), []);
});

test('a moment that the server repeats is forgotten with those before it', () => {
  const reported = [10, 20, 30];
  assert.equal(isRepeated(reported, 20), true);
  assert.deepEqual(reported, [30]);
  assert.equal(isRepeated(reported, 20), false);
  assert.equal(isRepeated(reported, null), false);
  assert.deepEqual(reported, [30]);
});

const turns = (count) => Array.from({ length: count }, (_, n) => n * 20);

test('the rate is said once there are enough frames', () => {
  assert.equal(frameRate(turns(10)), null);
  assert.equal(frameRate(turns(11)), 50);
});

test('a frame is numbered from one', () => {
  assert.equal(writeFrame(0, 1200, null), 'frame 1 of 1,200');
  assert.equal(writeFrame(1199, 1200, 59.6), 'frame 1,200 of 1,200 · 60 a second');
  assert.equal(writeFrame(-1, 0, null), 'frame 0 of 0');
});

test('instants are as exact as the scale, and in full with their zone', () => {
  const noon = Date.parse('2026-03-02T12:00:05Z');
  const write = (scale, isLong) => writeInstant(noon, 'UTC', instantOptions(scale, isLong));
  assert.equal(write('ticks', false), '12:00:05');
  assert.equal(write('minutes', false), '12:00');
  assert.equal(write('days', false), '02 Mar 26');
  assert.equal(write('ticks', true), '02 Mar 2026, 12:00:05 UTC');
  assert.equal(withoutZone(write('ticks', true)), '02 Mar 2026, 12:00:05');
  assert.equal(withoutZone('02 Mar 2026, 12:00'), '02 Mar 2026, 12:00');
});
