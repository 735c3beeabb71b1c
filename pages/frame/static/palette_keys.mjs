// Hands the focus of the palette's dialog to its search field, and lets the keys move through the
// results, which are ordinary links.
const ATTEMPTS = 100, ENOUGH = 4, EVERY_MS = 40;
const DIALOG = '[data-testid="stDialog"]';
const SHIFTS = { ArrowDown: 1, ArrowUp: -1 };

// Which link a key leads to when link `focused` (-1: none) of `count` has the focus: where to go,
// or null, and whether to open it.
export function keyTarget(key, focused, count) {
  if (!count) return null;
  if (key === 'Enter') return focused < 0 ? { place: 0, opens: true } : null;
  if (!Object.hasOwn(SHIFTS, key)) return null;
  return { place: Math.min(Math.max(focused + SHIFTS[key], 0), count - 1), opens: false };
}

const dialog = () => document.querySelector(DIALOG);

function focusPlace(field, active) {
  if (!field) return 'closed';
  if (active === field) return 'field';
  return active?.matches(`${DIALOG} a`) ? 'result' : 'elsewhere';
}

// The dialog takes the focus again while it opens, on a busy machine for a while: ask until the
// field has kept it, or the reader has gone on to a result.
function focusField() {
  let steady = 0, attempts = 0;
  const timer = setInterval(() => {
    attempts++;
    const field = dialog()?.querySelector('input');
    const place = focusPlace(field, document.activeElement);
    steady = place === 'field' ? steady + 1 : 0;
    if (place === 'elsewhere') field.focus();
    if (place === 'result' || steady > ENOUGH || attempts > ATTEMPTS) clearInterval(timer);
  }, EVERY_MS);
}

function moveThroughResults(event) {
  const links = [...dialog()?.querySelectorAll('a[href]') ?? []];
  const target = keyTarget(event.key, links.indexOf(document.activeElement), links.length);
  if (!target) return;
  if (target.opens) links[target.place].click(); else links[target.place].focus();
}

// The script may be loaded anew with each page; the document listens once.
export default function ({ data }) {
  const state = window.paletteKeys ??= { token: null, listens: false };
  if (state.token === data.token) return;
  state.token = data.token;
  focusField();
  if (state.listens) return;
  state.listens = true;
  document.addEventListener('keydown', moveThroughResults);
}
