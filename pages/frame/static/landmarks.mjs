// Names the parts of the page for those who move by keyboard or by ear, and lets the first link,
// which Streamlit places, lead behind the clock bar instead of to its first button.

const SKIP = '[data-testid="stSkipToContent"]';

/** The parts, each with its role and name; `main` and `header` are Streamlit's own elements. */
const PARTS = [
  ['[data-testid="stSidebarUserContent"]', 'navigation', 'Pages'],
  ['.st-key-frame-bar', 'region', 'Clock and search'],
];

/** What follows the clock bar: the first block of the page itself. */
export function contentAfter(bar) {
  for (let place = bar; place && !place.matches('main'); place = place.parentElement) {
    if (place.nextElementSibling) return place.nextElementSibling;
  }
  return null;
}

function skip(event) {
  const bar = document.querySelector('.st-key-frame-bar');
  const content = bar && contentAfter(bar);
  if (!content) return;
  event.preventDefault();
  event.stopPropagation();
  content.setAttribute('tabindex', '-1');
  content.focus();
}

/** Says the roles anew after each run, since a part may have been made again; listens once. */
export function markLandmarks() {
  for (const [selector, role, name] of PARTS) {
    const part = document.querySelector(selector);
    part?.setAttribute('role', role);
    part?.setAttribute('aria-label', name);
  }
  if (window.skipsToContent) return;
  window.skipsToContent = true;
  // In front of Streamlit's own listener, which leads to the bar.
  document.addEventListener('click', (event) => {
    if (event.target.closest?.(SKIP)) skip(event);
  }, true);
}
