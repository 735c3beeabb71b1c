// The map of tiles: takes the columns of the server, paints them, and answers pointer and keys.
//
// Where the tiles lie is computed anew only for other areas, groups or another size; another
// measure is a painting. `data-painted` of the host counts paintings, `data-clock` is the clock of
// what is painted. The server hears of a tile that was opened, and of nothing else.
import { brushesOf, TilePainting } from './tile_painting.mjs';
import { bucketsOf } from './heat_colours.mjs';
import { groupRuns, mapLayout, neighbour, placeAt, rectOf } from './squarify.mjs';
import { cardOf, decodeColumns, spokenTile } from './tile_columns.mjs';
import { cardPlace, linePoints, writeMove } from './tile_text.mjs';

const LINE = { width: 180, height: 36 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SVG = 'http://www.w3.org/2000/svg';

class HeatMap {
  constructor(host) {
    this.host = host;
    this.find = (name) => host.querySelector(name);
    this.map = this.find('.map');
    const canvas = this.find('canvas'), pen = canvas.getContext('2d');
    host.dataset.painted = 0;
    this.zoomed = null; // the name of a group
    this.tile = -1; // the one that the keyboard is on
    if (!pen) { this.refuse(); return; }
    this.painting = new TilePainting(canvas, pen);
    this.listen();
    new ResizeObserver(() => { this.leave(); this.paint(); this.stand(); }).observe(this.map);
    document.fonts?.ready.then(() => { this.painting.forgetWidths(); this.paint(); });
  }

  // Without a canvas there is a sentence instead.
  refuse() {
    for (const part of [this.map, this.find('.foot')]) part.hidden = true;
    this.find('.without').hidden = false;
  }

  listen() {
    const { map } = this;
    map.addEventListener('pointermove', (event) => this.point(event));
    map.addEventListener('pointerleave', () => { this.pointer = null; this.leave(); this.stand(); });
    map.addEventListener('click', (event) => this.press(event));
    map.addEventListener('keydown', (event) => this.key(event));
    map.addEventListener('focus', () => { if (this.isWalked()) this.walk(null); });
    map.addEventListener('blur', () => this.leave());
    this.find('.all').addEventListener('click', () => { this.zoom(null); map.focus(); });
  }

  take(data, open) {
    if (!this.painting) return;
    const { areas, groups } = data.columns, symbol = this.tiles?.symbols[this.tile];
    const shape = JSON.stringify([areas, groups]);
    this.open = open;
    this.data = data;
    this.tiles = decodeColumns(data);
    this.tile = this.tiles.symbols.indexOf(symbol);
    if (shape !== this.shape) {
      this.shape = shape;
      this.runs = groupRuns(this.tiles.groups.places, this.tiles.areas);
      this.layout = null;
    }
    if (JSON.stringify(data.look) !== this.lookText) {
      this.lookText = JSON.stringify(data.look);
      this.brushes = brushesOf(data.look);
    }
    this.buckets = bucketsOf(this.tiles.values, data.limit);
    this.find('canvas').setAttribute('aria-label', data.alt);
    this.map.setAttribute('aria-label', data.alt);
    this.leave();
    this.paint();
    if (this.pointer) this.point(this.pointer);
    else if (this.isWalked()) this.walk(null);
  }

  paint() {
    const { map, tiles, data } = this, width = map.clientWidth, height = map.clientHeight;
    if (!data || !width || !height) return;
    const { words } = tiles.groups, group = words.indexOf(this.zoomed);
    if (group < 0) this.zoomed = null;
    if (!this.layout || this.layout.width !== width || this.layout.height !== height) {
      const { count, areas } = tiles;
      this.layout = mapLayout({ runs: this.runs, areas, count }, { width, height },
        group < 0 ? null : group);
    }
    this.painting.draw({
      layout: this.layout, buckets: this.buckets, brushes: this.brushes, look: data.look,
      words, mark: data.mark, texts: (n) => this.texts(n),
    }, globalThis.devicePixelRatio || 1);
    this.trail();
    const { dataset } = this.host;
    dataset.painted = Number(dataset.painted) + 1;
    Object.assign(dataset, { tiles: tiles.count, clock: data.clock, measure: data.measure });
  }

  texts(n) {
    const value = this.tiles.values[n];
    return [this.tiles.tickers[n], Number.isFinite(value) ? writeMove(value, this.data.figure) : ''];
  }

  // What leads back from a group that is zoomed in.
  trail() {
    this.find('.all').disabled = this.zoomed === null;
    this.find('.group').textContent = this.zoomed === null ? '' : `› ${this.zoomed}`;
    this.host.dataset.zoomed = this.zoomed ?? '';
  }

  zoom(name) {
    this.zoomed = name;
    this.layout = null;
    this.leave();
    this.paint();
  }

  at(event) {
    const box = this.map.getBoundingClientRect();
    const point = { x: event.clientX - box.left, y: event.clientY - box.top };
    return { point, place: this.layout && placeAt(this.layout, point.x, point.y) };
  }

  point(event) {
    this.pointer = event;
    const { point, place } = this.at(event);
    this.map.style.cursor = this.cursor(place);
    if (place?.tile === undefined) this.leave();
    else this.show(place.tile, point);
  }

  cursor(place) {
    if (!place) return 'default';
    if (place.tile !== undefined) return 'pointer';
    return this.zoomed === null ? 'zoom-in' : 'zoom-out';
  }

  press(event) {
    const { place } = this.at(event);
    if (!place) return;
    if (place.tile !== undefined) this.openTile(place.tile);
    else this.zoom(this.zoomed === null ? this.tiles.groups.words[place.group] : null);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey && event.key !== '+') return;
    const actions = {
      Enter: () => this.openTile(this.tile),
      '+': () => this.zoomToTile(this.tile),
      '-': () => this.zoomOut(), Escape: () => this.zoomOut(),
    };
    const action = ARROWS[event.key] ? () => this.walk(ARROWS[event.key]) : actions[event.key];
    if (!action || event.key === 'Escape' && this.zoomed === null) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  openTile(n) { if (n >= 0) this.open(this.tiles.symbols[n]); }

  zoomToTile(n) {
    if (n < 0) return;
    const { words, places } = this.tiles.groups;
    this.zoom(words[places[n]]);
    this.walk(null);
  }

  zoomOut() { this.zoom(null); this.walk(null); }

  // Moves to the neighbour in a direction, or stands where it stood: on the first tile at first.
  walk(direction) {
    const { tiles, layout } = this;
    if (!layout?.blocks.length) return;
    let n = this.tile;
    const isShown = n >= 0 && layout.rects[4 * n + 2] > 0;
    if (!isShown) n = this.shown ?? layout.blocks[0].first;
    else if (direction) n = neighbour(layout, n, ...direction);
    this.tile = n;
    this.stand();
    this.find('.said').textContent = spokenTile(tiles, n, this.data);
  }

  // Whether the reader is on the map with the keyboard.
  isWalked() { return this.map.matches(':focus-visible'); }

  // Shows the tile that the keyboard is on.
  stand() {
    if (this.tile < 0 || !this.isWalked()) return;
    const { x, y, w, h } = rectOf(this.layout, this.tile);
    if (w) this.show(this.tile, { x: x + w / 2, y: y + h / 2 });
  }

  show(n, point) {
    const { x, y, w, h } = rectOf(this.layout, n), ring = this.find('.ring');
    Object.assign(ring.style, {
      left: `${x - 1}px`, top: `${y - 1}px`, width: `${w + 1}px`, height: `${h + 1}px`,
    });
    ring.hidden = false;
    const card = this.find('.card');
    if (this.shown !== n) card.replaceChildren(...this.cardParts(n));
    this.shown = n;
    card.hidden = false;
    const { left, top } = cardPlace(point, { width: card.offsetWidth, height: card.offsetHeight },
      this.layout);
    Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
  }

  leave() {
    this.shown = null;
    this.find('.card').hidden = true;
    this.find('.ring').hidden = true;
  }

  // What comes from data is set as text and can be no markup.
  cardParts(n) {
    const card = cardOf(this.tiles, n, this.data), { look } = this.data;
    const parts = [
      line(bold(card.ticker), ` ${card.name}`),
      line(`${card.price} · `, bold(card.change), ` ${card.measure}`),
      chart(card, card.isRise ? look.up : look.down),
      line(dim(card.session)),
      card.headline ? line(`${card.headline} `, dim(card.headlineDay)) : null,
    ];
    return parts.filter(Boolean);
  }
}

function element(kind, parts, className = '') {
  const made = document.createElement(kind);
  made.append(...parts);
  if (className) made.className = className;
  return made;
}

const line = (...parts) => element('div', parts);
const bold = (text) => element('b', [text]);
const dim = (text) => element('span', [text], 'dim');

function chart({ levels }, colour) {
  const points = linePoints(levels, LINE);
  if (!points) return null;
  const drawing = document.createElementNS(SVG, 'svg');
  const polyline = document.createElementNS(SVG, 'polyline');
  for (const [name, value] of Object.entries({
    ...LINE, role: 'img', 'aria-label': `last ${levels.length} closes`,
  })) drawing.setAttribute(name, value);
  for (const [name, value] of Object.entries({
    fill: 'none', stroke: colour, 'stroke-width': 1.5, points,
  })) polyline.setAttribute(name, value);
  drawing.append(polyline);
  return drawing;
}

const maps = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector('.heat');
  if (!host) return;
  if (!maps.has(host)) maps.set(host, new HeatMap(host));
  const given = JSON.parse(new TextDecoder().decode(data));
  maps.get(host).take(given, (symbol) => setTriggerValue('symbol', symbol));
}
