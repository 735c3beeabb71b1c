import assert from 'node:assert/strict';
import test from 'node:test';
import { Transport } from '../../pages/replaying/static/transport.mjs';

const HOUR = 3_600_000;

// Four trades a second apart, and a fifth one a night later.
const WINDOW = {
  id: 'trades',
  scale: 'ticks',
  start: 0,
  end: 16 * HOUR,
  at: null,
  moments: [1000, 2000, 3000, 4000, 12 * HOUR],
  hashes: ['a1', 'b2', 'c3', 'd4', 'e5'],
  events: [{ f: 1, kind: 'headline' }, { f: 2, kind: 'event' }, { f: 4, kind: 'alert' }],
};

function opened(more = {}) {
  const transport = new Transport();
  transport.take({ ...WINDOW, ...more });
  return transport;
}

// The frame after each turn, `every` milliseconds apart.
function play(transport, turns, every) {
  const frames = [];
  for (let n = 0; n < turns && transport.isPlaying; n++) {
    transport.turn(n * every);
    frames.push(transport.frame);
  }
  return frames;
}

test('a window opens at its moment, or at its last frame', () => {
  assert.equal(opened().frame, 4);
  assert.equal(opened({ at: 2999 }).frame, 1);
  assert.equal(opened({ at: 3000 }).frame, 2);
});

test('before its first frame nothing is known: no moment and no hash', () => {
  const transport = opened({ at: 999 });
  assert.equal(transport.frame, -1);
  assert.equal(transport.moment, undefined);
  assert.equal(transport.hash, '');
});

test('a window without frames neither plays nor fails', () => {
  const transport = opened({ moments: [], hashes: [], events: [] });
  transport.play();
  assert.equal(transport.isPlaying, false);
  assert.equal(transport.hash, '');
  transport.seek(0.5);
  assert.equal(transport.frame, -1);
});

test('each frame has the hash that was made for it', () => {
  const transport = opened();
  for (const [frame, hash] of WINDOW.hashes.entries()) {
    transport.go(frame);
    assert.equal(transport.hash, hash);
  }
});

test('seeking goes to what was known at that share of the window', () => {
  const transport = opened();
  const seek = (share) => { transport.seek(share); return transport.frame; };
  assert.deepEqual([0, 3500 / (16 * HOUR), 0.5, 1].map(seek), [-1, 2, 3, 4]);
  assert.deepEqual([-3, 7].map(seek), [-1, 4]); // the pointer has left the picture
});

test('steps stay inside the window', () => {
  const transport = opened();
  transport.go(2);
  assert.deepEqual([1, -1, 10, -10].map((by) => transport.neighbour(by)), [3, 1, 4, 0]);
  transport.go(99);
  assert.equal(transport.frame, 4);
});

test('events are jumped to in both directions', () => {
  const transport = opened();
  transport.go(2);
  assert.equal(transport.eventNeighbour(1), 4);
  assert.equal(transport.eventNeighbour(-1), undefined);
});

test('as it was: a second of the window takes a second', () => {
  const transport = opened({ at: 1000 });
  transport.setSpeed(1);
  transport.play();
  assert.deepEqual(play(transport, 7, 500), [0, 0, 1, 1, 2, 2, 3]);
});

test('ten times as fast, frames that came between two turns are one picture', () => {
  const transport = opened({ at: 1000 });
  transport.setSpeed(10);
  transport.play();
  assert.deepEqual(play(transport, 3, 200), [0, 2, 3]);
});

test('another speed goes on from the frame that is shown', () => {
  const transport = opened({ at: 1000 });
  transport.setSpeed(1);
  transport.play();
  play(transport, 3, 500);
  assert.equal(transport.frame, 1);
  transport.setSpeed(2);
  transport.turn(99_000); // whatever the clock of the wall says
  assert.equal(transport.frame, 1);
  transport.turn(99_500);
  assert.equal(transport.frame, 2);
});

test('a night without trades takes a second and a half, at any speed', () => {
  for (const speed of [1, 60, 300]) {
    const transport = opened({ at: 4000 });
    transport.setSpeed(speed);
    transport.play();
    const frames = play(transport, 40, 100);
    const turns = frames.indexOf(4);
    assert.ok(turns >= 15 && turns <= 17, `${speed}: ${turns}`);
  }
});

test('at the end it rests', () => {
  const transport = opened({ at: 1000 });
  transport.setSpeed(0);
  transport.play();
  assert.deepEqual(play(transport, 20, 16), [1, 2, 3, 4, 4]);
  assert.equal(transport.isPlaying, false);
});

test('in a loop the last frame and the first one are both shown', () => {
  const transport = opened({ at: 3000 });
  transport.setSpeed(0);
  transport.loops = true;
  transport.play();
  assert.deepEqual(play(transport, 8, 16), [3, 4, 0, 1, 2, 3, 4, 0]);
  assert.equal(transport.isPlaying, true);
});

test('played from its end it begins anew', () => {
  const transport = opened();
  transport.play();
  assert.equal(transport.frame, 0);
});

test('the rate is that of the turns, and none at rest', () => {
  const transport = opened({ at: 1000 });
  transport.setSpeed(1);
  transport.play();
  play(transport, 50, 20);
  assert.equal(transport.rate, 50);
  transport.isPlaying = false;
  assert.equal(transport.rate, null);
});

test('the server calls to another moment, but not back to one that was reported to it', () => {
  const transport = opened({ at: 4000 });
  transport.go(1);
  transport.expect(2000);
  transport.go(3);
  transport.take({ ...WINDOW, at: 2000 }); // its late answer
  assert.equal(transport.frame, 3);
  transport.take({ ...WINDOW, at: 3000 }); // somebody moved the clock
  assert.equal(transport.frame, 2);
  transport.go(0);
  transport.take({ ...WINDOW, at: 3000 }); // the same once more
  assert.equal(transport.frame, 0);
});

test('another window stops, and has the speed of its scale', () => {
  const transport = opened({ at: 1000 });
  transport.setSpeed(300);
  transport.play();
  assert.equal(transport.take({ ...WINDOW, id: 'days', scale: 'days' }), true);
  assert.equal(transport.isPlaying, false);
  assert.equal(transport.speed, 604800);
  assert.equal(transport.take({ ...WINDOW, id: 'days', scale: 'days' }), false);
});
