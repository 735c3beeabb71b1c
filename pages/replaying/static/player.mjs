// Plays a prepared window: frame after frame, each drawn from what was known at its instant alone.
//
// The same file runs inside a page and inside an exported document. `data` holds the window;
// `tell(name, value)` carries the reader's moves out: the moment at which the transport came to
// rest. What is drawn depends on the number of the frame and on nothing else, so that no speed,
// step or scrub can show it otherwise; `data-drawn` says a digest of it.
const SPEEDS = {
  ticks: [['1×', 1], ['10×', 10], ['60×', 60], ['300×', 300], ['max', 0]],
  minutes: [['60×', 60], ['10 min/s', 600], ['1 h/s', 3600], ['6 h/s', 21600], ['max', 0]],
  days: [['1 h/s', 3600], ['1 day/s', 86400], ['1 week/s', 604800], ['1 month/s', 2629800],
    ['max', 0]],
};
const FIRST = { ticks: 2, minutes: 1, days: 2 };
const TELL = { event: '◆', headline: '¶', release: '●', regime: '■', bias: '±', alert: '▲',
  note: '✎' };
const LOUD = ['event', 'release', 'regime', 'alert', 'note'];
const IDLE = 1500; // milliseconds that are waited for the next frame at most
const FONT = 'Inter, Helvetica Neue, Arial, sans-serif';
const BITS = new Float64Array(1), HALVES = new Uint32Array(BITS.buffer);
const bound = (value, low, high) => Math.min(Math.max(value, low), high);

class Player {
  constructor(host, tell) {
    this.host = host;
    this.find = (name) => host.querySelector(name);
    this.canvas = this.find('canvas');
    this.tell = tell;
    this.frame = 0;
    this.speed = null;
    this.loops = false;
    this.playing = false;
    this.spent = [];
    this.sent = [];
    const on = (name, what, call) => this.find(name).addEventListener(what, call);
    on('.back', 'click', () => this.step(-1));
    on('.on', 'click', () => this.step(1));
    on('.play', 'click', () => (this.playing ? this.rest() : this.play()));
    on('.first', 'click', () => this.rest(0));
    on('.last', 'click', () => this.rest(this.count - 1));
    on('.earlier', 'click', () => this.jump(-1));
    on('.later', 'click', () => this.jump(1));
    on('.loop', 'click', () => { this.loops = !this.loops; this.buttons(); });
    on('.speed', 'change', (event) => { this.speed = +event.target.value; this.begin(); });
    on('.scrub', 'input', (event) => { this.stop(); this.go(+event.target.value); });
    on('.scrub', 'change', (event) => this.rest(+event.target.value));
    host.addEventListener('keydown', (event) => this.key(event));
    this.canvas.addEventListener('pointerdown', (event) => { this.host.focus(); this.seek(event); });
    this.canvas.addEventListener('pointermove', (event) => {
      if (event.buttons) this.seek(event); else { this.at = this.x(event); this.draw(); }
    });
    this.canvas.addEventListener('pointerup', () => this.rest());
    this.canvas.addEventListener('pointerleave', () => { this.at = null; this.draw(); });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(host);
  }

  take(data, tell) {
    this.tell = tell;
    const other = !this.data || this.data.id !== data.id;
    this.data = data;
    this.count = data.moments.length;
    if (other) {
      this.stop();
      this.speed = null;
      this.frame = this.until(data.at ?? data.moments[this.count - 1] ?? 0);
      this.find('.speed').replaceChildren(...SPEEDS[data.scale].map(([label, rate]) => {
        const option = document.createElement('option');
        option.value = rate; option.textContent = label; return option;
      }));
    } else if (!this.echoes(data.at) && data.at !== this.asked && data.at != null) {
      this.stop();
      this.frame = this.until(data.at);
    }
    this.adjusted = new Map();
    this.shown = null;
    this.asked = data.at;
    if (this.speed === null) this.speed = SPEEDS[data.scale][FIRST[data.scale]][1];
    this.find('.speed').value = this.speed;
    this.find('.scrub').max = Math.max(this.count - 1, 0);
    this.buttons();
    this.draw();
  }

  // Whether a moment of the server's is one that it had from here: on a busy machine such come late,
  // when the transport has long gone on, and must not call it back.
  echoes(moment) {
    const place = this.sent.indexOf(moment);
    this.sent.splice(0, place + 1);
    return place >= 0;
  }

  // The last frame at or before an instant; -1 before the first, where nothing is drawn yet.
  until(moment) {
    const all = this.data.moments;
    let low = 0, high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle] <= moment) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  play() {
    if (!this.count) return;
    if (this.frame >= this.count - 1) this.frame = 0;
    this.playing = true;
    this.begin();
    this.buttons();
    const turn = (now) => {
      if (!this.playing) return;
      if (!this.host.isConnected) { this.stop(); return; }
      this.turn(now);
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  // From here on the clock of the wall is compared with the clock of the window.
  begin() { this.origin = null; this.spent = []; }

  turn(now) {
    if (this.origin === null) {
      this.origin = now;
      this.from = this.data.moments[this.frame] ?? this.data.start;
    }
    this.spent.push(now);
    if (this.spent.length > 120) this.spent.shift();
    let next;
    if (this.speed === 0) {
      next = Math.min(this.frame + 1, this.count - 1);
    } else {
      const played = this.from + (now - this.origin) * this.speed;
      next = Math.max(this.frame, this.until(played));
      // Nights and weekends in which nothing came are passed over.
      const after = this.data.moments[this.frame + 1];
      if (next === this.frame && after !== undefined && (after - played) / this.speed > IDLE) {
        this.from += after - played - IDLE * this.speed;
      }
    }
    if (next !== this.frame) this.go(next);
    if (this.frame < this.count - 1) return;
    if (this.loops) { this.frame = 0; this.begin(); } else this.rest();
  }

  rate() {
    const all = this.spent;
    return all.length > 10 ? (all.length - 1) / (all[all.length - 1] - all[0]) * 1000 : null;
  }

  stop() { this.playing = false; this.buttons(); }

  // The transport comes to rest: now others may follow.
  rest(frame = this.frame) {
    this.stop();
    this.go(frame);
    this.told = this.data.moments[this.frame];
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      if (this.playing || this.told === undefined) return;
      this.sent.push(this.told);
      this.tell('moment', this.told);
    }, 120);
  }

  step(by) { this.rest(bound(this.frame + by, 0, this.count - 1)); }

  jump(by) {
    const frames = this.data.told.filter((one) => LOUD.includes(one.kind)).map((one) => one.f);
    const found = by > 0 ? frames.find((f) => f > this.frame)
      : frames.filter((f) => f < this.frame).pop();
    if (found !== undefined) this.rest(found);
  }

  seek(event) {
    const [low, high] = this.across();
    this.stop();
    this.go(this.until(low + (high - low) * bound(this.x(event), 0, 1)));
  }

  x(event) {
    const box = this.canvas.getBoundingClientRect();
    return (event.clientX - box.left - 8) / (box.width - 82);
  }

  key(event) {
    if (event.target.matches('select')) return;
    const keys = {
      ' ': () => (this.playing ? this.rest() : this.play()), k: () => this.rest(),
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      PageUp: () => this.step(-10), PageDown: () => this.step(10),
      Home: () => this.rest(0), End: () => this.rest(this.count - 1),
      p: () => this.jump(-1), n: () => this.jump(1),
      l: () => { this.loops = !this.loops; this.buttons(); },
      '+': () => this.faster(1), '-': () => this.faster(-1),
    };
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  faster(by) {
    const all = SPEEDS[this.data.scale].map(([, rate]) => rate);
    this.speed = all[bound(all.indexOf(this.speed) + by, 0, all.length - 1)];
    this.find('.speed').value = this.speed;
    this.begin();
  }

  go(frame) { this.frame = bound(frame, -1, this.count - 1); this.draw(); }

  buttons() {
    this.find('.play').textContent = this.playing ? '❚❚' : '▶';
    this.find('.play').setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
    this.find('.loop').setAttribute('aria-pressed', this.loops);
    this.host.dataset.playing = this.playing ? 'yes' : 'no';
  }

  across() { return [this.data.start, this.data.end]; }

  clock(moment, long) {
    const day = { year: 'numeric', month: 'short', day: '2-digit' };
    const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    if (this.data.scale === 'ticks') time.second = '2-digit';
    const asked = long ? { ...day, ...time, timeZoneName: 'short' }
      : this.data.scale === 'days' ? { month: 'short', day: '2-digit', year: '2-digit' } : time;
    // To make one takes longer than to draw a frame.
    const key = `${this.data.zone} ${this.data.scale} ${long}`;
    this.clocks ??= new Map();
    if (!this.clocks.has(key)) {
      this.clocks.set(key, new Intl.DateTimeFormat('en-GB', { timeZone: this.data.zone, ...asked }));
    }
    return this.clocks.get(key).format(moment);
  }

  // What of a series is known at a frame: of each instant the last account, in order, in shares of
  // the last session. Kept for the frame that was asked last.
  known(one) {
    const held = this.adjusted.get(one);
    let end = 0;
    if (held && held.frame <= this.frame) {
      end = held.end;
      if (end >= one.f.length || one.f[end] > this.frame) return held;
    }
    const state = end ? held : { end: 0, places: new Map(), order: [], factor: [] };
    while (state.end < one.f.length && one.f[state.end] <= this.frame) {
      const row = state.end++, t = one.t[row];
      state.drawn = null;
      if (!state.places.has(t)) {
        let place = state.order.length;
        while (place && one.t[state.order[place - 1]] > t) place--;
        state.order.splice(place, 0, row);
      } else {
        state.order[state.order.indexOf(state.places.get(t))] = row;
      }
      state.places.set(t, row);
    }
    state.frame = this.frame;
    state.factor = new Array(state.order.length).fill(1);
    let factor = 1;
    for (let n = state.order.length - 1; one.split && n >= 0; n--) {
      state.factor[n] = factor;
      const split = one.split[state.order[n]];
      if (split > 0) factor *= split;
    }
    this.adjusted.set(one, state);
    return state;
  }

  draw() {
    const { canvas, data } = this;
    if (!data) return;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const ratio = globalThis.devicePixelRatio || 1;
    if (!width || !height) return;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    }
    const pen = this.pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `11px ${FONT}`;
    this.digest = 2166136261;
    const moment = data.moments[this.frame];
    this.place = { left: 8, right: 74, width, height };
    if (data.tiles) this.tiles(width, height); else this.panes(width, height);
    if (data.mark) {
      pen.save(); pen.globalAlpha = 0.16; pen.fillStyle = data.look.ink; pen.textAlign = 'center';
      pen.font = `26px ${FONT}`; pen.fillText(data.mark, (width - 74) / 2, height * 0.3);
      pen.restore();
    }
    this.words(moment);
    this.find('.scrub').value = this.frame;
    this.find('.clock').textContent = moment === undefined ? '–' : this.clock(moment, true);
    const rate = this.playing ? this.rate() : null;
    this.find('.count').textContent = `frame ${(this.frame + 1).toLocaleString('en')} of ` +
      this.count.toLocaleString('en') + (rate ? ` · ${rate.toFixed(0)} a second` : '');
    this.find('.hash').textContent = data.hashes[this.frame] ?? '';
    Object.assign(this.host.dataset, { frame: this.frame, count: this.count,
      drawn: (this.digest >>> 0).toString(16), moment: moment ?? '',
      hash: data.hashes[this.frame] ?? '' });
    if (rate) this.host.dataset.rate = rate.toFixed(1);
  }

  mix(value) {
    if (typeof value === 'number') {
      BITS[0] = value;
      this.digest = Math.imul(this.digest ^ HALVES[0], 16777619);
      this.digest = Math.imul(this.digest ^ HALVES[1], 16777619);
      return;
    }
    for (let n = 0; n < value.length; n++) {
      this.digest = Math.imul(this.digest ^ value.charCodeAt(n), 16777619);
    }
  }

  panes(width, height) {
    const { pen, data } = this, lead = data.series[0];
    const whole = height - 24, extra = lead && lead.rich ? [0.6, 0.14, 0.13, 0.13] : [1];
    let top = 6;
    const boxes = extra.map((share) => {
      const box = { top, height: whole * share - 8 };
      top += whole * share;
      return box;
    });
    const [from, to] = this.across();
    const x = (t) => 8 + (t - from) / (to - from || 1) * (width - 82);
    this.days(x, height);
    const shown = data.series.map((one) => ({ one, known: this.known(one) }));
    const marks = data.told.filter((one) => one.f <= this.frame && LOUD.includes(one.kind));
    this.marks(marks, x, boxes[0], height);
    this.price(shown, x, boxes[0]);
    if (lead && lead.rich) {
      this.under(shown[0], x, boxes[1], 'volume', lead.v, 'bars', (v) => this.short(v));
      this.under(shown[0], x, boxes[2], data.words[0], lead.s, 'line', (v) => data.scale === 'days'
        ? `${(v * 100).toFixed(1)} %` : `${(v * 1e4).toFixed(2)} bp`);
      this.under(shown[0], x, boxes[3], data.words[1], lead.d, 'fall',
        (v) => `${(v * 100).toFixed(2)} %`);
    }
    const now = x(data.moments[this.frame] ?? from);
    pen.strokeStyle = data.look.accent; pen.globalAlpha = 0.55; pen.beginPath();
    pen.moveTo(now, 4); pen.lineTo(now, height - 20); pen.stroke(); pen.globalAlpha = 1;
    if (data.centre !== null && data.centre <= (data.moments[this.frame] ?? 0)) {
      pen.strokeStyle = data.look.warn; pen.lineWidth = 2; pen.beginPath();
      pen.moveTo(x(data.centre), 4); pen.lineTo(x(data.centre), height - 20); pen.stroke();
      pen.lineWidth = 1; this.mix(data.centre);
    }
  }

  days(x, height) {
    const { pen, data } = this, [from, to] = this.across();
    const sizes = [1, 5, 15, 30, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 604800, 2629800,
      7889400, 31557600];
    const every = 1000 * (sizes.find((s) => (to - from) / 1000 / s <= 9) || 157788000);
    pen.fillStyle = data.look.dim; pen.strokeStyle = data.look.grid; pen.textAlign = 'center';
    for (let t = Math.ceil(from / every) * every; t <= to; t += every) {
      pen.beginPath(); pen.moveTo(x(t), 4); pen.lineTo(x(t), height - 20); pen.stroke();
      if (x(t) > 30 && x(t) < this.place.width - 90) pen.fillText(this.clock(t), x(t), height - 6);
    }
  }

  marks(marks, x, box, height) {
    const { pen, data } = this, ends = [];
    for (const mark of marks) {
      const at = x(data.moments[mark.f]);
      const loud = mark.kind === 'alert' || mark.kind === 'event';
      pen.globalAlpha = loud ? 0.9 : 0.35;
      pen.strokeStyle = loud ? data.look.warn : data.look.dim; pen.setLineDash([3, 3]);
      pen.beginPath(); pen.moveTo(at, box.top); pen.lineTo(at, height - 20); pen.stroke();
      pen.setLineDash([]); pen.globalAlpha = 1;
      pen.fillStyle = loud ? data.look.warn : data.look.dim; pen.textAlign = 'center';
      pen.fillText(TELL[mark.kind], at, box.top + 9);
      if (!loud) { this.mix(mark.f); continue; }
      const text = mark.text.length > 34 ? mark.text.slice(0, 33) + '…' : mark.text;
      const size = pen.measureText(text).width;
      const left = bound(at + 7, 8, this.place.width - 82 - size);
      let row = ends.findIndex((end) => end < left);
      if (row < 0) row = ends.length;
      if (row < 3) {
        ends[row] = left + size + 8;
        pen.textAlign = 'left'; pen.fillText(text, left, box.top + 22 + row * 13);
      }
      this.mix(mark.f); this.mix(text);
    }
  }

  price(shown, x, box) {
    const { pen, data } = this, several = shown.length > 1;
    const lines = shown.map(({ one, known }) => {
      if (known.drawn && known.drawnTo === known.end) return known.drawn;
      const points = [];
      let base = null;
      known.order.forEach((row, n) => {
        const factor = known.factor[n], close = one.c[row];
        if (close === null || one.t[row] < data.start) return;
        if (base === null) base = close / factor;
        const scale = (v) => (several ? (v / factor / base - 1) * 100 : v / factor);
        points.push({ t: one.t[row], row, c: scale(close),
          o: one.o ? scale(one.o[row] ?? close) : null, h: one.h ? scale(one.h[row] ?? close) : null,
          l: one.l ? scale(one.l[row] ?? close) : null, old: one.old && one.old[row] });
      });
      known.drawn = points;
      known.drawnTo = known.end;
      return points;
    });
    let low = Infinity, high = -Infinity;
    lines.forEach((points) => points.forEach((p) => {
      low = Math.min(low, p.l ?? p.c); high = Math.max(high, p.h ?? p.c);
    }));
    if (!(high >= low)) { this.empty(box); return; }
    const room = (high - low || Math.abs(high) * 1e-3 || 1) * 0.08;
    low -= room; high += room;
    const top = box.top + 30, tall = box.height - 30;
    const y = (v) => top + (high - v) / (high - low) * tall;
    this.grid(low, high, y, several ? ' %' : '');
    lines.forEach((points, n) => {
      const one = shown[n].one, color = data.look.lines[n % data.look.lines.length];
      points.forEach((p) => { this.mix(p.t); this.mix(p.c); });
      if (one.o && !several && points.length < 700) this.candles(points, x, y);
      else {
        pen.strokeStyle = color; pen.lineWidth = n ? 1 : 1.5; pen.globalAlpha = n > 6 ? 0.45 : 1;
        pen.beginPath();
        points.forEach((p, i) => (i ? pen.lineTo(x(p.t), y(p.c)) : pen.moveTo(x(p.t), y(p.c))));
        pen.stroke(); pen.lineWidth = 1; pen.globalAlpha = 1;
        if (one.h) points.forEach((p) => { this.line(x(p.t), y(p.h), x(p.t), y(p.l), color); });
      }
    });
    this.legend(shown, lines, box, several);
  }

  line(x1, y1, x2, y2, color) {
    if (y1 === y2) return;
    const { pen } = this;
    pen.strokeStyle = color; pen.globalAlpha = 0.4; pen.beginPath(); pen.moveTo(x1, y1);
    pen.lineTo(x2, y2); pen.stroke(); pen.globalAlpha = 1;
  }

  candles(points, x, y) {
    const { pen, data } = this;
    const [from, to] = this.across();
    const gap = points.length > 1 ? Math.min(...points.slice(1, 60).map((p, n) => p.t - points[n].t)
      .filter((d) => d > 0)) : (to - from) / 100;
    const wide = bound((x(from + gap) - x(from)) * 0.7, 1, 13);
    for (const p of points) {
      const color = p.c >= p.o ? data.look.up : data.look.down, left = x(p.t);
      pen.strokeStyle = pen.fillStyle = color;
      pen.beginPath(); pen.moveTo(left, y(p.h)); pen.lineTo(left, y(p.l)); pen.stroke();
      const upper = y(Math.max(p.o, p.c)), tall = Math.max(Math.abs(y(p.o) - y(p.c)), 1);
      if (p.c >= p.o && wide > 3) {
        pen.fillStyle = data.look.surface; pen.fillRect(left - wide / 2, upper, wide, tall);
        pen.strokeRect(left - wide / 2, upper, wide, tall);
      } else pen.fillRect(left - wide / 2, upper, wide, tall);
    }
  }

  empty(box) {
    const { pen, data } = this;
    pen.fillStyle = data.look.dim; pen.textAlign = 'left';
    pen.fillText('nothing of it is known yet', 14, box.top + 40);
  }

  grid(low, high, y, unit) {
    const { pen, data, place } = this;
    const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
    const digits = bound(-Math.floor(Math.log10(step)), 0, 8);
    pen.textAlign = 'left';
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) {
      pen.strokeStyle = data.look.grid; pen.beginPath(); pen.moveTo(8, y(v));
      pen.lineTo(place.width - 74, y(v)); pen.stroke();
      pen.fillStyle = data.look.dim;
      pen.fillText(v.toLocaleString('en', { minimumFractionDigits: digits,
        maximumFractionDigits: digits }) + unit, place.width - 69, y(v) + 4);
    }
  }

  legend(shown, lines, box, several) {
    const { pen, data } = this;
    let left = 8;
    const top = box.top + box.height + 2;
    pen.textAlign = 'left';
    shown.forEach(({ one }, n) => {
      const last = lines[n][lines[n].length - 1];
      const value = !last ? 'no price yet' : several ? `${last.c > 0 ? '+' : ''}${last.c.toFixed(2)} %`
        : last.c.toLocaleString('en', { maximumSignificantDigits: 7 });
      const age = last ? (data.moments[this.frame] - last.t) / data.old : 0;
      const words = `${one.name}  ${value}${age > 1 || (last && last.old) ? '  · old' : ''}`;
      if (left > this.place.width - 200 && n < shown.length - 1) {
        if (n && left < 1e6) pen.fillText(`and ${shown.length - n} more`, left, top);
        left = 1e6; return;
      }
      if (left >= 1e6) return;
      pen.fillStyle = data.look.lines[n % data.look.lines.length];
      pen.fillRect(left, top - 6, 10, 3);
      pen.fillStyle = data.look.ink; pen.fillText(words, left + 14, top);
      left += 30 + pen.measureText(words).width;
    });
  }

  under({ one, known }, x, box, title, values, kind, write) {
    const { pen, data, place } = this;
    const points = known.order.map((row, n) => [one.t[row], kind === 'bars' && values[row] !== null
      ? values[row] * known.factor[n] : values[row], one.t[row]])
      .filter(([, v, t]) => v !== null && t >= data.start);
    const bottom = box.top + box.height;
    pen.strokeStyle = data.look.grid; pen.beginPath(); pen.moveTo(8, bottom);
    pen.lineTo(place.width - 74, bottom); pen.stroke();
    const last = points[points.length - 1];
    pen.fillStyle = data.look.dim; pen.textAlign = 'left';
    let low = Math.min(0, ...points.map(([, v]) => v)), high = Math.max(0, ...points.map(([, v]) => v));
    if (kind === 'line') low = Math.min(...points.map(([, v]) => v), Infinity);
    if (!(high > low)) { low -= 0.5 * Math.abs(low) || 1e-9; high += 0.5 * Math.abs(high) || 1e-9; }
    const y = (v) => box.top + 12 + (high - v) / (high - low) * (box.height - 13);
    pen.strokeStyle = pen.fillStyle = kind === 'fall' ? data.look.down
      : kind === 'bars' ? data.look.dim : data.look.accent;
    if (kind === 'bars') {
      const wide = bound((place.width - 82) / Math.max(points.length, 60) * 0.6, 1, 9);
      pen.globalAlpha = 0.6;
      points.forEach(([t, v]) => pen.fillRect(x(t) - wide / 2, y(v), wide, bottom - y(v)));
      pen.globalAlpha = 1;
    } else if (points.length) {
      pen.beginPath();
      points.forEach(([t, v], n) => (n ? pen.lineTo(x(t), y(v)) : pen.moveTo(x(t), y(v))));
      pen.stroke();
      if (kind === 'fall') {
        pen.globalAlpha = 0.2; pen.lineTo(x(last[0]), y(0)); pen.lineTo(x(points[0][0]), y(0));
        pen.fill(); pen.globalAlpha = 1;
      }
    }
    points.forEach(([, v]) => this.mix(v));
    pen.fillStyle = data.look.dim; pen.textAlign = 'left';
    pen.fillText(`${title}  ${last ? write(last[1]) : '–'}`, 8, box.top + 8);
  }

  short(v) {
    return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 }).format(v);
  }

  // A moving heatmap: each instrument keeps its place, its colour is its last move as then known.
  tiles(width, height) {
    const { pen, data } = this, map = data.tiles, many = map.names.length;
    const right = width - 8, top = 4, tall = height - 24;
    if (!this.held || this.held.map !== map || this.held.width !== width) {
      this.held = { map, width, cells: this.cells(map, right, top, tall) };
    }
    const row = this.frame * many, ramp = data.look.diverging;
    const missing = data.look.grid;
    let known = 0, rose = 0;
    for (const { n, x, y, w, h } of this.held.cells) {
      const move = row < 0 ? map.none : map.moves[row + n];
      const none = move === map.none;
      if (!none) { known++; if (move > 0) rose++; }
      const share = none ? 0 : bound(move / map.scale, -1, 1);
      pen.fillStyle = none ? missing : ramp[Math.round((share + 1) / 2 * (ramp.length - 1))];
      pen.fillRect(x, y, w - 1, h - 1);
      if (none && w > 8) this.line(x, y + h - 1, x + w - 1, y, data.look.dim);
      this.digest = Math.imul(this.digest ^ (move & 65535), 16777619);
      if (w > 34 && h > 14) {
        pen.fillStyle = Math.abs(share) > 0.5 ? data.look.surface : data.look.ink;
        pen.textAlign = 'left'; pen.fillText(map.names[n].slice(0, 6), x + 3, y + 11);
      }
    }
    pen.fillStyle = data.look.dim; pen.textAlign = 'left';
    for (const { name, x, y } of this.heads) pen.fillText(name, x + 1, y - 3);
    const grade = map.scale / 100;
    pen.fillText(`${rose} of ${known} rose · colours end at ±${grade} % · struck through: not known`,
      8, height - 6);
  }

  cells(map, right, top, tall) {
    const groups = new Map();
    map.groups.forEach((name, n) => {
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(n);
    });
    this.heads = [];
    const cells = [], room = right - 8, each = tall - 16 * groups.size;
    let y = top;
    for (const [name, members] of groups) {
      const share = Math.max(each * members.length / map.names.length, 10);
      const rows = Math.max(1, Math.round(Math.sqrt(members.length * share / room)));
      const across = Math.ceil(members.length / rows), w = room / across, h = share / rows;
      this.heads.push({ name, x: 8, y: y + 14 });
      members.forEach((n, k) => cells.push({ n, x: 8 + (k % across) * w,
        y: y + 16 + Math.floor(k / across) * h, w, h }));
      y += 16 + share;
    }
    return cells;
  }

  // What had come by the frame, newest first.
  words(moment) {
    const { data } = this, list = this.find('.told');
    let end = 0, high = data.told.length;
    while (end < high) {
      const middle = (end + high) >> 1;
      if (data.told[middle].f <= this.frame) end = middle + 1; else high = middle;
    }
    const state = { regime: '', bias: '' };
    for (let n = end - 1; n >= 0 && !(state.regime && state.bias); n--) {
      const one = data.told[n];
      if (one.kind in state && !state[one.kind]) state[one.kind] = one.text;
    }
    const stood = [state.regime && `regime ${state.regime}`, state.bias && `bias ${state.bias}`];
    this.find('.stood').textContent = stood.filter(Boolean).join(' · ');
    this.mix(end);
    if (this.shown === `${data.id} ${end}`) return;
    this.shown = `${data.id} ${end}`;
    const rows = [];
    for (let n = end - 1; n >= 0 && rows.length < 40; n--) {
      const one = data.told[n];
      if (one.kind === 'bias') continue;
      const row = document.createElement('div');
      row.className = `row ${one.kind}`;
      const when = document.createElement('time');
      when.textContent = this.clock(one.t, true).replace(/,? [A-Z]{2,}[^ ]*$/, '');
      const text = document.createElement('span');
      text.textContent = `${TELL[one.kind] ?? ''} ${one.text}`;
      text.title = `${one.kind}, about ${one.about}`;
      row.append(when, text);
      rows.push(row);
    }
    list.replaceChildren(...rows);
  }
}

const players = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector('.player');
  if (!host) return;
  const tell = (name, value) => setTriggerValue(name, value);
  if (!players.has(host)) players.set(host, new Player(host, tell));
  if (data.tiles && typeof data.tiles.moves === 'string') {
    const raw = Uint8Array.from(atob(data.tiles.moves), (letter) => letter.charCodeAt(0));
    data = { ...data, tiles: { ...data.tiles, moves: new Int16Array(raw.buffer) } };
  }
  players.get(host).take(data, tell);
}
