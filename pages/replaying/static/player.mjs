// Plays a prepared window: frame after frame, each drawn from what was known at its instant alone.
//
// The same script runs inside a page and inside an exported document. `data` holds the window;
// `report(name, value)` carries the reader's moves out: the moment at which the transport came to
// rest. `data-drawn` of the host says a digest of the picture.
import { unpacked } from '../../frame/static/packed.mjs';
import { SPEEDS, eventCount, eventList, stateInWords, withoutZone, writeFrame } from './frames.mjs';
import { Picture, SIGNS } from './picture.mjs';
import { Transport } from './transport.mjs';

const REPORT_AFTER_MS = 120; // of rest, so that a series of steps is reported once
const MOST_EVENTS = 40;

class Player {
  constructor(host) {
    this.host = host;
    this.find = (name) => host.querySelector(name);
    this.canvas = this.find('canvas');
    this.picture = new Picture(this.canvas);
    this.transport = new Transport();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(host);
  }

  listen() {
    const { transport } = this;
    const on = (name, event, call) => this.find(name).addEventListener(event, call);
    on('.back', 'click', () => this.step(-1));
    on('.on', 'click', () => this.step(1));
    on('.play', 'click', () => this.toggle());
    on('.first', 'click', () => this.rest(0));
    on('.last', 'click', () => this.rest(transport.last));
    on('.earlier', 'click', () => this.jump(-1));
    on('.later', 'click', () => this.jump(1));
    on('.loop', 'click', () => this.toggleLoop());
    on('.speed', 'change', (event) => transport.setSpeed(+event.target.value));
    on('.scrub', 'input', (event) => { this.stop(); this.go(+event.target.value); });
    on('.scrub', 'change', (event) => this.rest(+event.target.value));
    this.host.addEventListener('keydown', (event) => this.key(event));
    on('canvas', 'pointerdown', (event) => { this.host.focus(); this.seek(event); });
    on('canvas', 'pointermove', (event) => { if (event.buttons) this.seek(event); });
    on('canvas', 'pointerup', () => this.rest());
  }

  take(data, report) {
    const { transport } = this;
    this.report = report;
    if (transport.take(data)) this.offerSpeeds(data.scale);
    this.picture.begin(data);
    this.listed = null;
    this.find('.speed').value = transport.speed;
    this.find('.scrub').max = Math.max(transport.last, 0);
    this.buttons();
    this.draw();
  }

  offerSpeeds(scale) {
    this.find('.speed').replaceChildren(...SPEEDS[scale].map(([label, rate]) => {
      const option = document.createElement('option');
      option.value = rate; option.textContent = label; return option;
    }));
  }

  toggle() { if (this.transport.isPlaying) this.rest(); else this.play(); }

  toggleLoop() { this.transport.loops = !this.transport.loops; this.buttons(); }

  play() {
    const { transport } = this;
    transport.play();
    this.buttons();
    this.draw();
    const turn = (now) => {
      if (!transport.isPlaying) return;
      if (!this.host.isConnected) { this.stop(); return; }
      const { frame } = transport;
      transport.turn(now);
      if (transport.frame !== frame) this.draw();
      if (transport.isPlaying) requestAnimationFrame(turn); else this.rest();
    };
    requestAnimationFrame(turn);
  }

  stop() { this.transport.isPlaying = false; this.buttons(); }

  // The transport comes to rest: now others may follow.
  rest(frame = this.transport.frame) {
    const { transport } = this;
    this.stop();
    this.go(frame);
    clearTimeout(this.timer);
    const { moment } = transport;
    this.timer = setTimeout(() => {
      if (transport.isPlaying || moment === undefined) return;
      transport.expect(moment);
      this.report('moment', moment);
    }, REPORT_AFTER_MS);
  }

  step(by) { this.rest(this.transport.neighbour(by)); }

  jump(by) {
    const frame = this.transport.eventNeighbour(by);
    if (frame !== undefined) this.rest(frame);
  }

  seek(event) {
    const box = this.canvas.getBoundingClientRect();
    this.stop();
    this.transport.seek((event.clientX - box.left - 8) / (box.width - 82));
    this.draw();
  }

  key(event) {
    if (event.target.matches('select')) return;
    const keys = {
      ' ': () => this.toggle(), k: () => this.rest(),
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      PageUp: () => this.step(-10), PageDown: () => this.step(10),
      Home: () => this.rest(0), End: () => this.rest(this.transport.last),
      p: () => this.jump(-1), n: () => this.jump(1),
      l: () => this.toggleLoop(),
      '+': () => this.faster(1), '-': () => this.faster(-1),
    };
    const isOthers = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
    if (isOthers || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  faster(by) {
    this.transport.faster(by);
    this.find('.speed').value = this.transport.speed;
  }

  go(frame) { this.transport.go(frame); this.draw(); }

  buttons() {
    const { isPlaying, loops } = this.transport;
    this.find('.play').textContent = isPlaying ? '❚❚' : '▶';
    this.find('.play').setAttribute('aria-label', isPlaying ? 'Pause' : 'Play');
    this.find('.loop').setAttribute('aria-pressed', loops);
    this.host.dataset.playing = isPlaying ? 'yes' : 'no';
  }

  draw() {
    if (!this.transport.data) return;
    const { frame, count, moment, hash, rate, data } = this.transport;
    const digest = this.picture.draw(frame);
    if (!digest) return;
    const happened = eventCount(data.events, frame);
    this.list(data.events, happened);
    digest.number(happened);
    this.find('.scrub').value = frame;
    this.find('.clock').textContent = moment === undefined ? '–' : this.picture.clock(moment, true);
    this.find('.count').textContent = writeFrame(frame, count, rate);
    this.find('.hash').textContent = hash;
    Object.assign(this.host.dataset, {
      frame, count, drawn: digest.toString(), moment: moment ?? '', hash,
    });
    if (rate) this.host.dataset.rate = rate.toFixed(1);
  }

  // What had happened by the frame, newest first; made anew only when there is something new.
  list(events, happened) {
    if (this.listed === happened) return;
    this.listed = happened;
    this.find('.state').textContent = stateInWords(events, happened);
    this.find('.events').replaceChildren(...eventList(events, happened, MOST_EVENTS)
      .map((event) => this.row(event)));
  }

  row(event) {
    const row = document.createElement('div'), when = document.createElement('time');
    const text = document.createElement('span');
    row.className = `row ${event.kind}`;
    when.textContent = withoutZone(this.picture.clock(event.t, true));
    text.textContent = `${SIGNS[event.kind] ?? ''} ${event.text}`;
    text.title = `${event.kind}, about ${event.about}`;
    row.append(when, text);
    return row;
  }
}

const players = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector('.player');
  if (!host) return;
  if (!players.has(host)) players.set(host, new Player(host));
  const tiles = data.tiles && { ...data.tiles, moves: unpacked(data.tiles.moves, Int16Array) };
  players.get(host).take({ ...data, tiles }, setTriggerValue);
}
