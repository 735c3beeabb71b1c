// Hides and shows columns of a panel's tables. The choice belongs to the reader's browser, which
// keeps it by page and panel under the names of the columns; files to download hold all of them.

const PREFIX = 'barograph-columns';
const PANEL = /(?:^|\s)st-key-panel-([\w-]*)/;
const chosenHere = new Map(); // what a browser that keeps nothing remembers until it is closed

/** Under which name a choice is kept. */
export function choiceKey(path, panel) {
  return `${PREFIX}:${path.replaceAll('/', '') || 'overview'}/${panel}`;
}

/** The hidden columns of a kept choice; none where it cannot be read. */
export function readHidden(text) {
  try {
    const found = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

/** The hidden columns after one of them was shown or hidden. */
export function withColumn(hidden, name, isShown) {
  const others = hidden.filter((other) => other !== name);
  return isShown ? others : [...others, name];
}

/** Places of the hidden columns of a table. One that has no other column shows all of them. */
export function hiddenPlaces(names, hidden) {
  const places = names.flatMap((name, place) => (hidden.includes(name) ? [place] : []));
  return places.length < names.length ? places : [];
}

/** What stands below a table of which columns are hidden. */
export function hiddenWords(labels) {
  const count = labels.length === 1 ? '1 column' : `${labels.length} columns`;
  return `${count} hidden: ${labels.join(', ')}. `;
}

/** The name of a panel by the class of its frame. */
export const panelName = (classes) => PANEL.exec(classes)?.[1] ?? null;

/** The frame of the panel with this name. */
export function panelNamed(name) {
  return document.querySelector(`.st-key-panel-${CSS.escape(name)}`);
}

function hiddenOf(panel) {
  const key = choiceKey(window.location.pathname, panel);
  if (chosenHere.has(key)) return chosenHere.get(key);
  try {
    return readHidden(window.localStorage.getItem(key));
  } catch {
    return [];
  }
}

function keepHidden(panel, hidden) {
  const key = choiceKey(window.location.pathname, panel);
  chosenHere.set(key, hidden);
  try {
    if (hidden.length) window.localStorage.setItem(key, JSON.stringify(hidden));
    else window.localStorage.removeItem(key);
  } catch {
    // It holds until the page is closed.
  }
  applyColumns();
}

const headsOf = (table) => [...(table.tHead?.rows[0]?.cells ?? [])];
const labelOf = (head) => head.textContent.trim() || head.dataset.column;

function tablesOf(panel) {
  return [...(panelNamed(panel)?.querySelectorAll('table.b-table') ?? [])];
}

function applyTo(table) {
  const panel = panelName(table.closest('[class*="st-key-panel-"]')?.className ?? '');
  if (panel === null) return;
  const heads = headsOf(table);
  const places = hiddenPlaces(heads.map((head) => head.dataset.column), hiddenOf(panel));
  const sign = places.join();
  if ((table.dataset.hiddenColumns ?? '') === sign) return;
  table.dataset.hiddenColumns = sign;
  for (const row of table.rows) {
    if (row.matches('.g')) row.cells[0].colSpan = heads.length - places.length;
    else [...row.cells].forEach((cell, place) => { cell.hidden = places.includes(place); });
  }
  sayHidden(table, places.map((place) => labelOf(heads[place])));
}

function sayHidden(table, labels) {
  const ground = table.closest('.b-scroll') ?? table;
  const before = ground.nextElementSibling;
  if (before?.matches('.b-hidden')) before.remove();
  if (!labels.length) return;
  const note = document.createElement('div'), button = document.createElement('button');
  note.className = 'b-note b-hidden';
  note.textContent = hiddenWords(labels);
  button.type = 'button';
  button.className = 'b-button';
  button.dataset.showColumns = '';
  button.textContent = 'Show all columns';
  note.append(button);
  ground.after(note);
}

function listColumns(list) {
  const { panel } = list.dataset, hidden = hiddenOf(panel);
  const columns = new Map(
    tablesOf(panel).flatMap(headsOf).map((head) => [head.dataset.column, labelOf(head)]),
  );
  const sign = JSON.stringify([[...columns], hidden]);
  if (list.dataset.columns === sign) return;
  list.dataset.columns = sign;
  list.replaceChildren();
  if (columns.size < 2) return;
  const title = document.createElement('legend');
  title.textContent = 'Columns';
  list.append(title);
  const isLast = [...columns.keys()].filter((name) => !hidden.includes(name)).length < 2;
  for (const [name, label] of columns) list.append(columnBox(name, label, hidden, isLast));
}

function columnBox(name, text, hidden, isLast) {
  const label = document.createElement('label'), box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = !hidden.includes(name);
  box.disabled = box.checked && isLast;
  box.dataset.column = name;
  label.append(box, ` ${text}`);
  return label;
}

/** Brings every table and every list of columns on the page to what the reader chose. */
export function applyColumns() {
  for (const table of document.querySelectorAll('table.b-table')) applyTo(table);
  for (const list of document.querySelectorAll('.b-columns')) listColumns(list);
}

/** Listens once for boxes of columns, and watches for tables that are drawn anew. */
export function chooseColumns() {
  if (window.choosesColumns) return;
  window.choosesColumns = true;
  document.addEventListener('change', (event) => {
    const list = event.target.closest?.('.b-columns'), { column } = event.target.dataset;
    if (!list || column === undefined) return;
    const { panel } = list.dataset;
    keepHidden(panel, withColumn(hiddenOf(panel), column, event.target.checked));
    [...list.querySelectorAll('input')].find((box) => box.dataset.column === column)?.focus();
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-show-columns]');
    const frame = button?.closest('[class*="st-key-panel-"]');
    if (frame) keepHidden(panelName(frame.className), []);
  });
  new MutationObserver(applyColumns).observe(document.body, { childList: true, subtree: true });
  applyColumns();
}
