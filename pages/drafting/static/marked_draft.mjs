// A draft with its claims marked, and beside it each claim with the evidence for it.
//
// All text of the draft goes through textContent: a draft is never markup. The server hears which
// corrections were accepted and which claim was opened.
import { filtersOf, listed, openedBy, sparkRuns, toggled, toneOf } from './claim_list.mjs';

const SVG = 'http://www.w3.org/2000/svg';
const SPARK = { width: 96, height: 22 };
const PLACES = { paragraph: 'p', 'list item': 'li', quotation: 'blockquote', code: 'pre' };

class MarkedDraft {
  constructor(host) {
    const part = (name) => host.querySelector(name);
    this.host = host;
    this.paper = part('.paper');
    this.filters = part('.filter');
    this.list = part('.claims');
    this.filter = 'all';
    this.open = null;
  }

  take(data, tell) {
    if (data.key !== this.data?.key) { this.filter = 'all'; this.open = null; }
    this.data = data;
    this.tell = tell;
    this.paper.replaceChildren(...this.blocks());
    this.drawSide();
    this.host.dataset.claims = data.claims.length;
    this.host.dataset.accepted = data.accepted.join(' ');
  }

  drawSide() {
    const { claims } = this.data;
    this.filters.replaceChildren(...filtersOf(claims).map(({ name, label }) => {
      const button = element('button', [label]);
      button.type = 'button';
      button.setAttribute('aria-pressed', name === this.filter);
      button.addEventListener('click', () => { this.filter = name; this.drawSide(); });
      return button;
    }), element('span', [this.data.mark], 'quiet'));
    const shown = listed(claims, this.filter).map((claim) => this.card(claim));
    this.list.replaceChildren(...shown.length ? shown : [element('li', [this.data.none], 'none')]);
    this.point();
  }

  blocks() {
    const made = [];
    let table = null;
    for (const block of this.data.blocks) {
      if (block.kind !== 'table row') { table = null; made.push(this.block(block)); continue; }
      if (table?.dataset.number !== String(block.table)) {
        table = element('table', []);
        table.dataset.number = block.table;
        made.push(table);
      }
      table.append(this.row(block));
    }
    return made;
  }

  block(block) {
    if (block.kind === 'heading') return element('h3', this.runs(block.runs), block.level > 2 ? 'deep' : '');
    const quiet = block.kind === 'caption' || block.kind === 'footnote' ? 'quiet' : '';
    const made = element(PLACES[block.kind] ?? 'p', this.runs(block.runs), quiet);
    made.dir = 'auto';
    return made;
  }

  row(block) {
    return element('tr', block.cells.map((runs, n) => {
      const cell = element(block.head ? 'th' : 'td', this.runs(runs));
      if (block.widths[n] > 1) cell.colSpan = block.widths[n];
      return cell;
    }));
  }

  runs(runs) {
    return runs.map((run) => {
      if (!run.claims) return element('span', [run.text], run.state ?? '');
      const made = element('mark', [run.text], `${toneOf(run.claims, this.data.claims)} ${run.state ?? ''}`);
      made.dataset.claims = run.claims.join(' ');
      made.tabIndex = 0;
      made.setAttribute('role', 'button');
      made.title = run.claims.map((n) => this.data.claims[n].title).join('; ');
      const act = () => this.show(openedBy(run.claims, this.open), 'card');
      made.addEventListener('click', act);
      made.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); act(); }
      });
      return made;
    });
  }

  card(claim) {
    const quote = element('button', [`“${claim.quote}”`], 'quote');
    quote.type = 'button';
    quote.addEventListener('click', () => this.show(claim.number, 'mark'));
    const head = element('div', [
      quote, element('span', [claim.verdict], 'verdict'), ...this.acts(claim),
    ], 'head');
    const rows = [head, element('div', [claim.note])];
    if (claim.since) rows.push(element('div', [claim.since], 'verdict'));
    const facts = [spark(claim), claim.to ? anchor(claim.of, claim.to) : null, claim.known];
    rows.push(element('div', facts.filter(Boolean), 'row'));
    const made = element('li', rows, `claim ${claim.tone}`);
    made.dataset.claim = claim.number;
    return made;
  }

  acts(claim) {
    const acts = [];
    if (claim.instead) {
      const isTaken = this.data.accepted.includes(claim.number);
      const [done, act] = claim.tone === 'superseded' ? ['Updated', 'Update'] : ['Corrected', 'Correct'];
      const words = isTaken ? `${done}: ${claim.instead}` : `${act} to ${claim.instead}`;
      acts.push(this.act(words, isTaken, () => {
        this.tell('accepted', toggled(this.data.accepted, claim.number));
      }));
    }
    if (claim.has_evidence) acts.push(this.act('Show evidence', false, () => this.tell('evidence', claim.number)));
    return acts;
  }

  act(words, isPressed, run) {
    const button = element('button', [words]);
    button.type = 'button';
    button.setAttribute('aria-pressed', isPressed);
    button.addEventListener('click', run);
    return button;
  }

  show(number, target) {
    this.open = number;
    const claim = this.data.claims[number];
    if (target === 'card' && this.filter !== 'all' && claim.tone !== this.filter) {
      this.filter = 'all';
      this.drawSide();
    }
    this.point();
    const where = target === 'card' ? this.list.querySelector(`[data-claim="${number}"]`)
      : this.paper.querySelector('mark.now');
    where?.scrollIntoView({ block: 'nearest' });
  }

  point() {
    for (const mark of this.paper.querySelectorAll('mark')) {
      mark.classList.toggle('now', mark.dataset.claims.split(' ').includes(String(this.open)));
    }
    for (const card of this.list.querySelectorAll('.claim')) {
      card.classList.toggle('now', card.dataset.claim === String(this.open));
    }
  }
}

function element(kind, parts, className = '') {
  const made = document.createElement(kind);
  made.append(...parts);
  if (className.trim()) made.className = className.trim();
  return made;
}

function anchor(words, to) {
  const made = element('a', [words]);
  made.href = to;
  made.target = '_self';
  return made;
}

function spark(claim) {
  const runs = sparkRuns(claim.values ?? [], SPARK);
  if (!runs.length) return null;
  const drawing = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({
    ...SPARK, role: 'img', 'aria-label': `the last ${claim.values.length} values`,
  })) drawing.setAttribute(name, value);
  for (const points of runs) {
    const line = document.createElementNS(SVG, 'polyline');
    for (const [name, value] of Object.entries({
      fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, points,
    })) line.setAttribute(name, value);
    drawing.append(line);
  }
  return drawing;
}

const drafts = new WeakMap();

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const host = parentElement.querySelector('.draft');
  if (!host) return;
  if (!drafts.has(host)) drafts.set(host, new MarkedDraft(host));
  const given = JSON.parse(new TextDecoder().decode(data));
  drafts.get(host).take(given, (name, value) => (
    name === 'accepted' ? setStateValue(name, value) : setTriggerValue(name, value)
  ));
}
