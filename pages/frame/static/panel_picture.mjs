// Makes a PNG of a panel in the browser: what it shows, in the reader's theme, and below it the
// clock and the sources. Nothing is loaded for it and nothing leaves the machine.
import { readMarks } from './panel_marks.mjs';
import { panelNamed } from './table_columns.mjs';

const MARGIN = 14, LINE = 17, SCALE = 2;
const MOST_SIDE = 16_000, MOST_PIXELS = 60_000_000;
const NOTE_FONT = '12px Inter, Helvetica Neue, Arial, sans-serif';

/** How many pixels a unit of the page becomes; fewer where the picture would be too large. */
export function pictureScale(width, height) {
  return Math.min(
    SCALE, MOST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)),
  );
}

/** Text in lines of a width at most, broken between words. */
export function wrapText(text, most, widthOf) {
  const lines = [];
  for (const word of text.split(' ')) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The rectangle around a panel and all that it shows. */
export function extent(frame, marks) {
  const shown = marks.filter((mark) => mark.width > 0 && mark.height > 0);
  const right = Math.max(frame.left + frame.width, ...shown.map((mark) => mark.left + mark.width));
  const bottom = Math.max(...shown.map((mark) => mark.top + mark.height), frame.top);
  return { left: frame.left, top: frame.top, width: right - frame.left, height: bottom - frame.top };
}

const PAINTERS = {
  box(context, mark) {
    context.fillStyle = mark.colour;
    context.fillRect(mark.left, mark.top, mark.width, mark.height);
  },
  gradient(context, mark) {
    const ground = context.createLinearGradient(mark.left, 0, mark.left + mark.width, 0);
    for (const [share, colour] of mark.stops) ground.addColorStop(share, colour);
    context.fillStyle = ground;
    context.fillRect(mark.left, mark.top, mark.width, mark.height);
  },
  hatch(context, mark) {
    context.beginPath();
    context.rect(mark.left, mark.top, mark.width, mark.height);
    context.clip();
    context.globalAlpha *= 0.3;
    context.strokeStyle = mark.colour;
    context.beginPath();
    for (let at = mark.left - mark.height; at < mark.left + mark.width; at += 7) {
      context.moveTo(at, mark.top + mark.height);
      context.lineTo(at + mark.height, mark.top);
    }
    context.stroke();
  },
  text(context, mark) {
    context.font = mark.font;
    context.fillStyle = mark.colour;
    context.letterSpacing = mark.spacing === 'normal' ? '0px' : mark.spacing;
    context.direction = mark.direction;
    context.textAlign = 'left';
    const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent }
      = context.measureText(mark.text);
    context.fillText(mark.text, mark.left, mark.top + (mark.height + ascent - descent) / 2);
  },
  canvas(context, mark) {
    context.drawImage(mark.canvas, mark.left, mark.top, mark.width, mark.height);
  },
  image(context, mark) {
    context.drawImage(mark.image, mark.left, mark.top, mark.width, mark.height);
  },
  mask(context, mark) {
    const stencil = document.createElement('canvas');
    stencil.width = mark.width * SCALE;
    stencil.height = mark.height * SCALE;
    const inner = stencil.getContext('2d');
    inner.drawImage(mark.image, 0, 0, stencil.width, stencil.height);
    inner.globalCompositeOperation = 'source-in';
    inner.fillStyle = mark.colour;
    inner.fillRect(0, 0, stencil.width, stencil.height);
    context.drawImage(stencil, mark.left, mark.top, mark.width, mark.height);
  },
};

/** Paints marks in their order. */
export function paintMarks(context, marks) {
  for (const mark of marks) {
    if (!mark.width || !mark.height) continue;
    context.save();
    context.globalAlpha = mark.alpha;
    PAINTERS[mark.kind](context, mark);
    context.restore();
  }
}

async function withImage(mark) {
  if (!mark.address) return mark;
  const image = new Image();
  image.src = mark.address;
  await image.decode();
  return { ...mark, image };
}

/** A canvas with the panel and, below it, lines of text. */
async function picture(panel, notes) {
  const { marks, frame } = readMarks(panel), around = extent(frame, marks);
  const style = getComputedStyle(panel);
  const ground = getComputedStyle(document.querySelector('.stApp')).backgroundColor;
  const colours = { ink: style.color, ground, surface: style.backgroundColor };
  const padding = parseFloat(style.paddingLeft), inset = MARGIN + padding;
  const canvas = document.createElement('canvas'), context = canvas.getContext('2d');
  context.font = NOTE_FONT;
  const lines = notes.flatMap((note) => (
    wrapText(note, around.width - 2 * padding, (text) => context.measureText(text).width)
  ));
  const width = around.width + 2 * MARGIN;
  const height = around.height + lines.length * LINE + 3 * MARGIN;
  const scale = pictureScale(width, height);
  const loaded = await Promise.all(marks.map(withImage));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  for (const colour of [colours.ground, colours.surface]) {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
  }
  context.save();
  context.translate(MARGIN - around.left, MARGIN - around.top);
  paintMarks(context, loaded);
  context.restore();
  context.font = NOTE_FONT;
  context.fillStyle = colours.ink;
  context.globalAlpha = 0.75;
  lines.forEach((line, place) => {
    context.fillText(line, inset, around.height + 2 * MARGIN + (place + 0.8) * LINE);
  });
  return canvas;
}

async function save(button) {
  const { panel, file, notes } = button.dataset, frame = panelNamed(panel);
  const canvas = await picture(frame, JSON.parse(notes));
  const blob = await new Promise((done) => { canvas.toBlob(done, 'image/png'); });
  if (!blob) throw new Error('too large');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Listens once for presses of a PNG button. */
export function takePictures() {
  if (window.takesPictures) return;
  window.takesPictures = true;
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-picture]');
    if (!button) return;
    button.disabled = true;
    try {
      await save(button);
      button.textContent = 'PNG';
    } catch (error) {
      button.textContent = 'PNG not made. Take a screenshot.';
      button.title = String(error);
    }
    button.disabled = false;
  });
}
