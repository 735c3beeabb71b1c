// Sorts a table of a page by the column whose head was clicked: largest first, then smallest
// first, then as it came. What is not known stays last; heads of groups keep their rows.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE = /(?:^|\s)(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))?(?: (\d{2}):(\d{2})(?::(\d{2}))?)?/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})/;
const MONTH = /^([A-Z][a-z]{2}) (\d{4})$/;
const QUARTER = /^(\d{4})(?: Q([1-4]))?$/; // a year or its quarter, as periods are written
const AGE = /^(\d[\d.,]*)\s*(s|min|h|d|y)\b/;
const SECONDS = { s: 1, min: 60, h: 3600, d: 86_400, y: 31_557_600 };
const NUMBER = /[+\-−]?\d[\d,]*(?:\.\d+)?/;

const day = (...parts) => Date.UTC(...parts.map((part) => Number(part ?? 0)));
const headOf = (event) => event.target.closest?.('table.b-table thead th');

/** The first day of a year, quarter or month as periods are written. */
function period(text) {
  const quarter = QUARTER.exec(text);
  if (quarter) return day(quarter[1], 3 * (Number(quarter[2] ?? 1) - 1), 1);
  const month = MONTH.exec(text), known = month ? MONTHS.indexOf(month[1].toLowerCase()) : -1;
  return known < 0 ? null : day(month[2], known, 1);
}

function moment(text) {
  const iso = ISO.exec(text);
  if (iso) return day(iso[1], Number(iso[2]) - 1, iso[3]);
  const found = DATE.exec(text), place = found && MONTHS.indexOf(found[2].toLowerCase());
  if (!found || place < 0) return null;
  const [, date, , year = '1970', hour, minute, second] = found;
  return day(year, place, date, hour, minute, second);
}

function number(text) {
  const found = NUMBER.exec(text);
  if (!found || /^[A-Za-z★]/.test(text)) return null;
  return Number(found[0].replaceAll(',', '').replace('−', '-'));
}

/** What a cell's text sorts by: a number, or the text itself; null for what is not known. */
export function sortKey(text) {
  const plain = text.trim().replace(/^[▲▼■●○|]\s*/u, '');
  if (plain === '' || plain === '–') return null;
  const age = AGE.exec(plain);
  if (age) return Number(age[1].replaceAll(',', '')) * SECONDS[age[2]];
  return period(plain) ?? moment(plain) ?? number(plain) ?? plain.toLowerCase();
}

/** Below zero where the first key comes first; null last whichever way, numbers before words. */
export function compared(one, other, down) {
  if (one === null || other === null) return (one === null) - (other === null);
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
  const order = one < other ? -1 : Number(one > other);
  return down ? -order : order;
}

/** The next way of a column: down, up, as it came. */
export function nextOrder(order) {
  return { none: 'descending', descending: 'ascending', ascending: 'none' }[order] ?? 'descending';
}

/** Places of rows in their new order; `groups` says which run of rows each belongs to. */
export function sortedPlaces(keys, groups, order) {
  const places = keys.map((_, place) => place);
  if (order === 'none') return places;
  const down = order === 'descending';
  return places.toSorted((one, other) => (
    groups[one] - groups[other] || compared(keys[one], keys[other], down) || one - other
  ));
}

/** What a cell sorts by: what it says by itself where it has no text, or its text. */
export function keyOf(cell) {
  const own = cell?.querySelector?.('[data-sort]')?.dataset.sort;
  return own === undefined ? sortKey(cell?.textContent ?? '') : Number(own);
}

function rowsOf(table) {
  const every = [...table.tBodies[0].rows];
  every.forEach((row, place) => { row.dataset.place ??= place; });
  return every.toSorted((one, other) => one.dataset.place - other.dataset.place);
}

function sortBy(head) {
  const table = head.closest('table'), column = head.cellIndex;
  const order = nextOrder(head.getAttribute('aria-sort') ?? 'none');
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  if (order !== 'none') head.setAttribute('aria-sort', order);
  let group = 0;
  const rows = rowsOf(table), groups = rows.map((row) => (group += Number(row.matches('.g'))));
  const body = rows.filter((row) => !row.matches('.g'));
  const own = rows.flatMap((row, at) => (row.matches('.g') ? [] : [groups[at]]));
  const keys = body.map((row) => keyOf(row.cells[column]));
  const places = sortedPlaces(keys, own, order);
  const heads = rows.filter((row) => row.matches('.g'));
  const sorted = places.map((place) => body[place]);
  if (!heads.length) {
    table.tBodies[0].append(...sorted);
    return;
  }
  heads.forEach((row, at) => {
    table.tBodies[0].append(row, ...sorted.filter((_, p) => own[places[p]] === at + 1));
  });
}

/** Listens once for clicks on heads of tables, and Enter or Space on one with the focus. */
export function sortTables() {
  if (window.sortsTables) return;
  window.sortsTables = true;
  document.addEventListener('click', (event) => {
    const head = headOf(event);
    if (head) sortBy(head);
  });
  document.addEventListener('keydown', (event) => {
    const head = headOf(event);
    if (!head || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    sortBy(head);
  });
}
