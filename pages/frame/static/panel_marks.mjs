// Reads what a panel shows as marks on a plane: boxes, lines, words, pictures, each with its place
// and colour. Text is read as text, so that nothing of it can become markup.

const CONTROLS = 'button, input, select, textarea, .b-menu, script, style, .modebar, .hoverlayer, '
  + '[data-testid="stPopover"], [data-testid="stElementToolbar"], [data-testid="stWidgetLabel"], '
  + '[data-testid="stSelectbox"], [data-testid="stSkeleton"], caption';
const CLEAR = /^(transparent|rgba\(.*,\s*0\)|.*\/\s*0\))$/;
const SVG = 'http://www.w3.org/2000/svg';
const SIDES = ['Top', 'Right', 'Bottom', 'Left'];

/** Whether a colour of a computed style paints anything. */
export const paints = (colour) => Boolean(colour) && !CLEAR.test(colour);

/** The stops of a gradient from left to right, as [share, colour]; null for any other ground. */
export function gradientStops(image) {
  const inner = /^linear-gradient\((?:90deg|to right), (.*)\)$/.exec(image)?.[1];
  if (!inner) return null;
  const parts = inner.split(/,\s*(?![^(]*\))/);
  const stops = parts.map((part, place) => {
    const share = /\s([\d.]+)%$/.exec(part);
    const at = share ? Number(share[1]) / 100 : place / (parts.length - 1);
    return [at, share ? part.slice(0, share.index) : part];
  });
  return stops.some(([, colour]) => colour.includes('gradient')) ? null : stops;
}

/** The address in a `url("...")`; null where there is none. */
export const addressOf = (image) => /^url\("(.*)"\)$/.exec(image ?? '')?.[1] ?? null;

/** Words of one line each, from pieces with the place at which each stands. */
export function joinLines(pieces) {
  const lines = [];
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line && Math.abs(line.top - piece.top) < 2) {
      line.text += piece.text;
      line.width = piece.left + piece.width - line.left;
    } else if (piece.width) {
      lines.push({ ...piece });
    }
  }
  return lines;
}

/** A drawing's references to its own parts, without the address of the page that they were on. */
export const withOwnAddresses = (text) => (
  text.replaceAll(/url\((&quot;|['"])?[^)#'"&]+#/g, (_, quote = '') => `url(${quote}#`)
);

const placed = ({ left, top, width, height }) => ({ left, top, width, height });

function piecesOf(node) {
  const range = document.createRange(), pieces = [];
  range.selectNodeContents(node);
  const whole = range.getClientRects();
  if (whole.length === 1) return [{ text: node.data, ...placed(whole[0]) }];
  for (const { 0: word, index } of node.data.matchAll(/\S+\s*/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const [rect] = range.getClientRects();
    if (rect) pieces.push({ text: word, ...placed(rect) });
  }
  return pieces;
}

function readText(node, alpha, marks) {
  if (!node.data.trim()) return;
  const style = getComputedStyle(node.parentElement);
  const isUpper = style.textTransform === 'uppercase';
  for (const line of joinLines(piecesOf(node))) {
    const text = line.text.replaceAll(/\s+/g, ' ').trimEnd();
    marks.push({
      ...line, kind: 'text', alpha, text: isUpper ? text.toUpperCase() : text,
      colour: style.color, direction: style.direction, spacing: style.letterSpacing,
      font: `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`,
    });
  }
}

function readBox(element, style, rect, mark) {
  const { alpha, marks } = mark, place = placed(rect), mask = addressOf(style.maskImage);
  if (mask) {
    marks.push({ kind: 'mask', ...place, alpha, colour: style.backgroundColor, address: mask });
    return;
  }
  if (paints(style.backgroundColor)) {
    marks.push({ kind: 'box', ...place, alpha, colour: style.backgroundColor });
  }
  const stops = gradientStops(style.backgroundImage);
  if (stops) marks.push({ kind: 'gradient', ...place, alpha, stops });
  if (element.matches('.b-hatch')) {
    marks.push({ kind: 'hatch', ...place, alpha, colour: style.color });
  }
  for (const side of SIDES) {
    const width = parseFloat(style[`border${side}Width`]), colour = style[`border${side}Color`];
    if (!width || !paints(colour) || style[`border${side}Style`] === 'none') continue;
    marks.push({ kind: 'box', ...edge(side, place, width), alpha, colour });
  }
}

/** The rectangle of one side of a border. */
export function edge(side, { left, top, width, height }, thick) {
  if (side === 'Top') return { left, top, width, height: thick };
  if (side === 'Bottom') return { left, top: top + height - thick, width, height: thick };
  if (side === 'Left') return { left, top, width: thick, height };
  return { left: left + width - thick, top, width: thick, height };
}

// A chart of several layers is one drawing: what a layer paints with may be defined in another.
function layersOf(element) {
  return element.matches('.main-svg')
    ? [...element.parentElement.children].filter((part) => part.matches('.main-svg')) : [element];
}

function readDrawing(element, rect, alpha, marks) {
  const [first, ...others] = layersOf(element);
  if (first !== element || !rect.width || !rect.height) return;
  const copy = element.cloneNode(true), place = placed(rect);
  for (const layer of others) copy.append(...layer.cloneNode(true).childNodes);
  for (const part of copy.querySelectorAll('foreignObject, script')) part.remove();
  copy.setAttribute('xmlns', SVG);
  copy.setAttribute('width', place.width);
  copy.setAttribute('height', place.height);
  const text = withOwnAddresses(new XMLSerializer().serializeToString(copy));
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  marks.push({ kind: 'image', ...place, alpha, address });
}

function readElement(element, above, marks) {
  if (element.matches(CONTROLS)) return;
  const style = getComputedStyle(element), alpha = above * Number(style.opacity);
  if (style.display === 'none' || style.visibility === 'hidden' || !alpha) return;
  const rect = element.getBoundingClientRect(), place = placed(rect);
  if (element.matches('canvas')) {
    marks.push({ kind: 'canvas', ...place, alpha, canvas: element });
  } else if (element.namespaceURI === SVG) {
    readDrawing(element, rect, alpha, marks);
  } else {
    readBox(element, style, rect, { alpha, marks });
    readInside(element.shadowRoot ?? element, alpha, marks);
  }
}

function readInside(parent, alpha, marks) {
  for (const node of parent.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) readText(node, alpha, marks);
    else if (node.nodeType === Node.ELEMENT_NODE) readElement(node, alpha, marks);
  }
}

/** Everything that a panel shows, also what lies outside the window of a table that scrolls. */
export function readMarks(panel) {
  const moved = [...panel.querySelectorAll('*')].filter((part) => part.scrollTop || part.scrollLeft)
    .map((part) => [part, part.scrollLeft, part.scrollTop]);
  panel.classList.add('b-whole');
  try {
    const marks = [];
    readInside(panel, 1, marks);
    return { marks, frame: placed(panel.getBoundingClientRect()) };
  } finally {
    panel.classList.remove('b-whole');
    for (const [part, left, top] of moved) part.scrollTo(left, top);
  }
}
