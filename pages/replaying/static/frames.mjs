// The arithmetic of frames: which one belongs to an instant, which comes next while it plays, what
// had happened by it, how it is written. Pure functions.
import { clamp, lastAtOrBefore } from '../../frame/static/scales.mjs';

// Seconds of the window for each second of the reader's; 0 draws every frame as fast as it can.
export const SPEEDS = {
  ticks: [['1×', 1], ['10×', 10], ['60×', 60], ['300×', 300], ['max', 0]],
  minutes: [['60×', 60], ['10 min/s', 600], ['1 h/s', 3600], ['6 h/s', 21600], ['max', 0]],
  days: [['1 h/s', 3600], ['1 day/s', 86400], ['1 week/s', 604800], ['1 month/s', 2629800],
    ['max', 0]],
};
const STARTING = { ticks: 2, minutes: 1, days: 2 };
const PROMINENT = new Set(['event', 'release', 'regime', 'alert', 'note']);
export const LONGEST_WAIT = 1500; // milliseconds that are waited for the next frame at most

export const startingSpeed = (scale) => SPEEDS[scale][STARTING[scale]][1];
export const isProminent = ({ kind }) => PROMINENT.has(kind);

// The next faster (1) or slower (-1) speed of a scale.
export function neighbouringSpeed(scale, speed, by) {
  const rates = SPEEDS[scale].map(([, rate]) => rate);
  return rates[clamp(rates.indexOf(speed) + by, 0, rates.length - 1)];
}

// Which frame is due when the window's clock stands at `played`, and how many milliseconds of the
// window are passed over: nights and weekends in which nothing came are not waited for.
export function dueFrame(moments, frame, played, speed) {
  if (speed === 0) return { frame: Math.min(frame + 1, moments.length - 1), skipped: 0 };
  const next = Math.max(frame, lastAtOrBefore(moments, played));
  const quiet = moments[frame + 1] - played; // not a number behind the last frame
  const isQuiet = next === frame && quiet / speed > LONGEST_WAIT;
  return { frame: next, skipped: isQuiet ? quiet - LONGEST_WAIT * speed : 0 };
}

// The frame of the prominent event after (1) or before (-1) a frame; undefined where there is none.
export function eventFrame(events, frame, by) {
  const frames = events.filter(isProminent).map(({ f }) => f);
  return by > 0 ? frames.find((f) => f > frame) : frames.findLast((f) => f < frame);
}

// How many events had happened by a frame.
export const eventCount = (events, frame) => events.findLastIndex(({ f }) => f <= frame) + 1;

// The last regime and the last bias among the first `count` events, in words.
export function stateInWords(events, count) {
  const past = events.slice(0, count);
  const latest = (kind) => past.findLast((event) => event.kind === kind && event.text)?.text;
  return ['regime', 'bias'].map((kind) => [kind, latest(kind)])
    .filter(([, text]) => text).map((pair) => pair.join(' ')).join(' · ');
}

// The newest `most` of the first `count` events, newest first; a bias stands in the words above.
export function eventList(events, count, most) {
  return events.slice(0, count).filter(({ kind }) => kind !== 'bias').slice(-most).reverse();
}

// Whether the server only repeats a moment that was reported to it: on a busy machine such come
// late, when the transport has long gone on, and must not call it back. Forgets what is answered.
export function isRepeated(reported, moment) {
  const place = reported.indexOf(moment);
  reported.splice(0, place + 1);
  return place >= 0;
}

// Frames a second over the last turns; null before there are enough to say.
export function frameRate(turns) {
  if (turns.length <= 10) return null;
  return (turns.length - 1) / (turns[turns.length - 1] - turns[0]) * 1000;
}

// "frame 3 of 1,200 · 60 a second"
export function writeFrame(frame, count, rate) {
  const place = `frame ${(frame + 1).toLocaleString('en')} of ${count.toLocaleString('en')}`;
  return rate ? `${place} · ${rate.toFixed(0)} a second` : place;
}

// How an instant is written: on the axis as short as the scale allows, elsewhere in full.
export function instantOptions(scale, isLong) {
  const day = { year: 'numeric', month: 'short', day: '2-digit' };
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (scale === 'ticks') time.second = '2-digit';
  if (isLong) return { ...day, ...time, timeZoneName: 'short' };
  return scale === 'days' ? { month: 'short', day: '2-digit', year: '2-digit' } : time;
}

// "02 Mar 2026, 12:00 UTC" as "02 Mar 2026, 12:00", where the zone stands elsewhere.
export const withoutZone = (text) => text.replace(/,? [A-Z]{2,}[^ ]*$/, '');
