// Hands the focus of the palette's dialog to its search field, and lets the keys move through the
// results: links, and the button that moves the clock.
const ATTEMPTS = 100, ENOUGH = 4, EVERY_MS = 40;
const DIALOG = '[data-testid="stDialog"]';
const RESULTS = 'a[href], [class*="st-key-frame-clock-hit"] button';
const SHIFTS = { ArrowDown: 1, ArrowUp: -1 };

// Which result a key leads to when result `focused` (-1: none) of `count` has the focus: where to
// go (-1: the field), or null, and whether to open it.
export function keyTarget(key, focused, count) {
  if (!count) return null;
  if (key === 'Enter') return focused < 0 ? { place: 0, opens: true } : null;
  if (!Object.hasOwn(SHIFTS, key)) return null;
  return { place: Math.min(Math.max(focused + SHIFTS[key], -1), count - 1), opens: false };
}

// The text whose results Enter has to wait for, or null: they are of what is typed.
export function awaitedText(typed, shown) {
  const text = typed.trim();
  return text === shown ? null : text;
}

const dialog = () => document.querySelector(DIALOG);
const results = () => [...dialog()?.querySelectorAll(RESULTS) ?? []];

function focusPlace(field, active) {
  if (!field) return 'closed';
  if (active === field) return 'field';
  return results().includes(active) ? 'result' : 'elsewhere';
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
  const field = dialog()?.querySelector('input');
  if (!field) return;
  const found = results(), state = window.paletteKeys;
  if (event.key === 'Enter' && document.activeElement === field) {
    state.awaited = awaitedText(field.value, state.shown);
    if (state.awaited !== null) return;
  }
  const target = keyTarget(event.key, found.indexOf(document.activeElement), found.length);
  if (!target) return;
  event.preventDefault();
  if (target.opens) found[target.place].click(); else (found[target.place] ?? field).focus();
}

// The results of a text stand in the page before this hears of it.
function showResults(state, text) {
  state.shown = text;
  if (state.awaited !== text) return;
  state.awaited = null;
  requestAnimationFrame(() => results()[0]?.click());
}

// The script may be loaded anew with each page; the document listens once.
export default function ({ data }) {
  const state = window.paletteKeys ??= { token: null, listens: false, shown: '', awaited: null };
  if (state.token !== data.token) state.awaited = null;
  showResults(state, data.text);
  if (state.token === data.token) return;
  state.token = data.token;
  focusField();
  if (state.listens) return;
  state.listens = true;
  document.addEventListener('keydown', moveThroughResults);
}
