// Where the transport stands, how fast it goes and what it does next. Draws nothing, and takes the
// browser's clock as an argument.
import { clamp, lastAtOrBefore } from '../../frame/static/scales.mjs';
import {
  dueFrame, eventFrame, frameRate, isRepeated, neighbouringSpeed, startingSpeed,
} from './frames.mjs';

const MOST_TURNS = 120;

export class Transport {
  constructor() {
    this.data = null;
    this.frame = 0;
    this.speed = null;
    this.loops = false;
    this.isPlaying = false;
    this.turns = []; // when the last frames were due, by the browser's clock
    this.reported = []; // moments that the server has not answered yet
    this.serverMoment = undefined;
  }

  get count() { return this.data.moments.length; }

  get last() { return this.count - 1; }

  // Undefined before the first frame, where nothing is known yet.
  get moment() { return this.data.moments[this.frame]; }

  // The hash of this frame and all before it, as the server made it; empty where there is none.
  get hash() { return this.data.hashes[this.frame] ?? ''; }

  get rate() { return this.isPlaying ? frameRate(this.turns) : null; }

  // The window as the server sends it: another one begins at its moment, the same one goes where
  // the server says, unless that is only what it had from here. Whether it is another one.
  take(data) {
    const isOther = this.data?.id !== data.id, { at, moments, scale } = data;
    const isRepeat = isRepeated(this.reported, at);
    this.data = data;
    if (isOther) {
      this.isPlaying = false;
      this.speed = startingSpeed(scale);
      this.frame = lastAtOrBefore(moments, at ?? moments.at(-1) ?? 0);
    } else if (!isRepeat && at !== this.serverMoment && at !== null) {
      this.isPlaying = false;
      this.frame = lastAtOrBefore(moments, at);
    }
    this.serverMoment = at;
    return isOther;
  }

  play() {
    if (!this.count) return;
    if (this.frame >= this.last) this.frame = 0;
    this.isPlaying = true;
    this.begin();
  }

  // From here on the clock of the wall is compared with the clock of the window.
  begin() { this.origin = null; this.turns = []; }

  // One turn of the browser at its instant `now`. The last frame is left in the turn after it was
  // drawn: for the first one in a loop, else playing ends.
  turn(now) {
    if (this.frame >= this.last) {
      if (this.loops) { this.frame = 0; this.begin(); } else this.isPlaying = false;
      return;
    }
    if (this.origin === null) {
      this.origin = now;
      this.from = this.moment ?? this.data.start;
    }
    this.turns.push(now);
    if (this.turns.length > MOST_TURNS) this.turns.shift();
    const played = this.from + (now - this.origin) * this.speed;
    const due = dueFrame(this.data.moments, this.frame, played, this.speed);
    this.from += due.skipped;
    this.frame = due.frame;
  }

  go(frame) { this.frame = clamp(frame, -1, this.last); }

  // To a share of the window from its start (0) to its end (1).
  seek(share) {
    const { start, end, moments } = this.data;
    this.go(lastAtOrBefore(moments, start + (end - start) * clamp(share, 0, 1)));
  }

  // The frame so many further on, never before the first.
  neighbour(by) { return clamp(this.frame + by, 0, this.last); }

  // The frame of the next (1) or the previous (-1) prominent event; undefined where there is none.
  eventNeighbour(by) { return eventFrame(this.data.events, this.frame, by); }

  setSpeed(speed) { this.speed = speed; this.begin(); }

  faster(by) { this.setSpeed(neighbouringSpeed(this.data.scale, this.speed, by)); }

  // A moment is on its way to the server, which will repeat it.
  expect(moment) { this.reported.push(moment); }
}
