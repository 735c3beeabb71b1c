// A box that searches as one types. The server ranks; this shows what it found and moves in it.
// All text of the data goes through textContent: a name is never markup.
import { entered, listed, moved, sentences } from './picker_state.mjs';

const PAUSE_MS = 120;
const boxes = new WeakMap();
const count = { boxes: 0 };

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  made.dir = 'auto';
  return made;
}

class Picker {
  constructor(host, data) {
    const part = (name) => host.querySelector(name);
    this.input = part('input');
    this.label = part('label');
    this.chips = part('.chips');
    this.clear = part('.clear');
    this.pop = part('.pop');
    this.head = part('.head');
    this.list = part('ul');
    this.note = part('.note');
    this.place = 0;
    this.open = false;
    this.asked = '';
    this.shown = '';
    this.done = data.done;
    this.stay = data.stay;
    this.name();
    this.listen(part('.field'));
  }

  name() {
    count.boxes += 1;
    this.input.id = `picker-${count.boxes}`;
    this.label.htmlFor = this.input.id;
    this.list.id = `${this.input.id}-list`;
    this.input.setAttribute('aria-controls', this.list.id);
  }

  listen(field) {
    this.input.addEventListener('focus', () => this.show());
    this.input.addEventListener('click', () => this.show());
    this.input.addEventListener('input', () => this.typed());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('blur', () => this.hide());
    field.addEventListener('mousedown', (event) => {
      if (event.target === this.input || event.target.closest('button')) return;
      event.preventDefault();
      this.input.focus();
    });
    // A press in the list must not take the focus away before it is a click.
    this.pop.addEventListener('mousedown', (event) => event.preventDefault());
    this.clear.addEventListener('click', () => this.act({ drop: this.data.chosen.map((c) => c.id) }));
  }

  draw(data, tell) {
    this.data = data;
    this.tell = tell;
    this.label.textContent = data.label;
    this.input.setAttribute('aria-label', data.label);
    this.list.setAttribute('aria-label', data.label);
    this.chips.replaceChildren(...data.many ? data.chosen.map((one) => this.chip(one)) : []);
    this.input.placeholder = (!data.many && data.chosen[0]?.title) || data.placeholder;
    this.clear.style.display = data.chosen.length && !data.fixed ? '' : 'none';
    this.rest();
    if (data.done !== this.done) this.finish(data.done);
    if (data.stay !== this.stay) { this.stay = data.stay; this.open = true; }
    if (data.asked !== this.shown) { this.shown = data.asked; this.place = 0; }
    this.fill();
  }

  finish(done) {
    this.done = done;
    this.asked = '';
    this.open = false;
    if (this.focused()) this.input.value = '';
  }

  focused() { return this.input.getRootNode().activeElement === this.input; }

  // What stands in the field while nobody types: the choice itself.
  rest() {
    if (this.focused()) return;
    const title = !this.data.many && this.data.chosen[0]?.title;
    this.input.value = title || '';
    this.input.title = title || '';
  }

  chip(one) {
    const chip = element('span', 'chip', '');
    const name = element('span', '', one.title);
    name.title = one.title;
    const gone = element('button', '', '×');
    gone.type = 'button';
    gone.setAttribute('aria-label', `Remove ${one.title}`);
    gone.addEventListener('click', () => this.act({ drop: [one.id] }));
    chip.append(name, gone);
    return chip;
  }

  fill() {
    const lines = listed(this.input.value, this.data);
    const said = sentences(this.input.value, this.data);
    this.head.textContent = said.above;
    this.note.textContent = said.below;
    // While an answer is under way the lines before it stay, so that nothing flickers.
    if (lines) this.list.replaceChildren(...lines.map((line, place) => this.line(line, place)));
    this.mark();
  }

  line(hit, place) {
    const line = element('li', '', '');
    line.setAttribute('role', 'option');
    line.id = `${this.list.id}-${place}`;
    line.title = `${hit.title} · ${hit.id}`;
    line.append(element('span', 'name', hit.title), element('span', 'detail', hit.detail));
    line.addEventListener('click', () => this.act({ take: hit.id }));
    line.addEventListener('mousemove', () => {
      if (this.place === place) return;
      this.place = place;
      this.mark();
    });
    return line;
  }

  mark() {
    const lines = [...this.list.children];
    this.place = Math.max(0, Math.min(this.place, lines.length - 1));
    lines.forEach((line, place) => line.setAttribute('aria-selected', String(place === this.place)));
    this.pop.hidden = !this.open;
    this.input.setAttribute('aria-expanded', String(this.open));
    const marked = this.open ? lines[this.place] : undefined;
    if (!marked) { this.input.removeAttribute('aria-activedescendant'); return; }
    this.input.setAttribute('aria-activedescendant', marked.id);
    marked.scrollIntoView({ block: 'nearest' });
  }

  show() {
    if (!this.open) {
      if (!this.data.many) this.input.value = '';
      this.open = true;
      this.place = 0;
    }
    this.fill();
  }

  hide() {
    clearTimeout(this.wait);
    this.open = false;
    this.asked = '';
    this.input.value = '';
    setTimeout(() => this.rest());
    this.mark();
  }

  typed() {
    this.open = true;
    this.place = 0;
    this.fill();
    clearTimeout(this.wait);
    this.wait = setTimeout(() => this.ask(), PAUSE_MS);
  }

  ask() {
    const text = this.input.value.trim();
    if (!text || text === this.asked) return;
    this.asked = text;
    this.tell('ask', { text });
  }

  act(what) {
    clearTimeout(this.wait);
    this.asked = '';
    this.input.value = '';
    this.open = false;
    this.mark();
    this.tell('act', what);
    if (!this.data.many) this.input.blur();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    // Keys of the box stay in it: Shift and an arrow select text here, they do not move the clock.
    event.stopPropagation();
    if (event.key === 'Escape') this.escape();
    else if (event.key === 'Backspace') this.backspace();
    else if (event.key === 'Enter') this.enter();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') this.arrow(event);
  }

  escape() {
    this.input.value = '';
    this.open = false;
    this.mark();
  }

  backspace() {
    const last = this.data.chosen.at(-1);
    if (last && this.data.many && !this.input.value) this.act({ drop: [last.id] });
  }

  arrow(event) {
    if (event.shiftKey) return;
    event.preventDefault();
    if (!this.open) { this.show(); return; }
    this.place = moved(this.place, event.key, this.list.children.length);
    this.mark();
  }

  enter() {
    const what = this.open ? entered(this.input.value, this.data, this.place) : null;
    if (what?.take) this.act(what);
    if (!what?.type) return;
    // The server takes what the text means if that is one thing, and else asks which one.
    clearTimeout(this.wait);
    this.asked = what.type;
    this.tell('act', what);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!boxes.has(parentElement)) boxes.set(parentElement, new Picker(parentElement, data));
  boxes.get(parentElement).draw(data, setTriggerValue);
}
