// Paints a map of tiles on a canvas: a change of the brush for each colour, not for each tile.
import { FONT } from '../../frame/static/scales.mjs';
import { UNKNOWN, inkOn, ramp, sortedByBucket } from './heat_colours.mjs';
import { rectOf } from './squarify.mjs';
import { LEADING, fitted, tileLabel } from './tile_text.mjs';

// Widths of texts as sums of their letters, each measured once per size of type.
export class TypeMeasure {
  constructor() { this.widths = new Map(); }

  widthOf(pen, text, size) {
    let width = 0;
    for (const letter of text) {
      const key = `${size}${letter}`;
      if (!this.widths.has(key)) {
        pen.font = `${size}px ${FONT}`;
        this.widths.set(key, pen.measureText(letter).width);
      }
      width += this.widths.get(key);
    }
    return width;
  }
}

// Colours of a palette; they are made once.
export function brushesOf(look) {
  const colours = ramp(look.diverging);
  return { colours, inks: [...colours.map(inkOn), look.ink] };
}

// `view` has the layout, the buckets and texts of the tiles, the look with its brushes and the mark.
export class TilePainting {
  constructor(canvas, pen) { Object.assign(this, { canvas, pen, type: new TypeMeasure() }); }

  // The font may have come after the first painting.
  forgetWidths() { this.type = new TypeMeasure(); }

  draw(view, ratio) {
    const { canvas, pen } = this, { width, height } = view.layout;
    const wide = Math.round(width * ratio), tall = Math.round(height * ratio);
    if (canvas.width !== wide || canvas.height !== tall) {
      canvas.width = wide; canvas.height = tall;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    this.tiles(view, ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.textBaseline = 'middle';
    this.labels(view);
    this.headings(view);
    this.mark(view);
  }

  tiles({ layout, buckets, brushes, look }, ratio) {
    const { pen } = this, { starts, order } = sortedByBucket(buckets);
    for (let bucket = 0; bucket <= UNKNOWN; bucket++) {
      const places = order.subarray(starts[bucket], starts[bucket + 1]);
      if (!places.length) continue;
      pen.fillStyle = bucket === UNKNOWN ? look.grid : brushes.colours[bucket];
      this.fill(layout, places, ratio);
      if (bucket !== UNKNOWN) continue;
      pen.fillStyle = this.hatch(`${look.dim}48`, ratio);
      this.fill(layout, places, ratio);
    }
  }

  // Rectangles on whole pixels of the screen, with a line of the ground between them.
  fill({ rects }, places, ratio) {
    const { pen } = this, line = Math.max(Math.round(ratio), 1);
    for (const n of places) {
      const at = 4 * n;
      if (!rects[at + 2]) continue;
      const left = Math.round(rects[at] * ratio), top = Math.round(rects[at + 1] * ratio);
      const wide = Math.round((rects[at] + rects[at + 2]) * ratio) - left;
      const tall = Math.round((rects[at + 1] + rects[at + 3]) * ratio) - top;
      pen.fillRect(left, top, wide > 2 * line ? wide - line : wide,
        tall > 2 * line ? tall - line : tall);
    }
  }

  hatch(colour, ratio) {
    const side = Math.round(7 * ratio), cell = document.createElement('canvas');
    cell.width = side; cell.height = side;
    const pen = cell.getContext('2d');
    pen.strokeStyle = colour; pen.lineWidth = 1.4 * ratio;
    pen.beginPath();
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift - 1, side + 1); pen.lineTo(shift + side + 1, -1);
    }
    pen.stroke();
    return this.pen.createPattern(cell, 'repeat');
  }

  labels({ layout, buckets, brushes, texts }) {
    const { pen } = this, whole = layout.width * layout.height, byInk = new Map();
    for (const { first, end } of layout.blocks) {
      for (let n = first; n < end; n++) {
        const rect = rectOf(layout, n);
        if (rect.w < 18 || rect.h < 12) continue;
        const label = tileLabel(rect, rect.w * rect.h / whole, texts(n),
          (text, size) => this.type.widthOf(pen, text, size));
        if (!label) continue;
        const key = `${brushes.inks[buckets[n]]} ${label.size}`;
        byInk.set(key, [...byInk.get(key) ?? [], { rect, label }]);
      }
    }
    pen.textAlign = 'center';
    for (const [key, labels] of byInk) {
      const [ink, size] = key.split(' ');
      pen.fillStyle = ink; pen.font = `${size}px ${FONT}`;
      for (const { rect, label } of labels) this.label(rect, label);
    }
  }

  label({ x, y, w, h }, { size, name, figure }) {
    const { pen } = this, line = size + LEADING, middle = x + (w - 1) / 2;
    const top = y + (h - line * (figure ? 2 : 1)) / 2;
    pen.fillText(name, middle, top + line / 2);
    if (figure) pen.fillText(figure, middle, top + 1.5 * line);
  }

  headings({ layout, look, words }) {
    const { pen } = this;
    pen.fillStyle = look.dim; pen.textAlign = 'left'; pen.font = `11px ${FONT}`;
    for (const { group, x, y, w, head } of layout.blocks) {
      if (!head) continue;
      const name = fitted(words[group], w - 8, (text) => this.type.widthOf(pen, text, 11));
      pen.font = `11px ${FONT}`;
      pen.fillText(name, x + 3, y + head / 2);
    }
  }

  mark({ layout, look, mark }) {
    if (!mark) return;
    const { pen } = this;
    pen.fillStyle = `${look.ink}38`; pen.textAlign = 'center'; pen.font = `30px ${FONT}`;
    pen.fillText(mark, layout.width / 2, layout.height / 2);
  }
}
