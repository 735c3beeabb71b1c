// A button that copies the address of what is shown; at Now with the instant, so that it stays so.

// The address with its clock; at a past clock (`moment` is empty) it is complete already.
export function linkOf(address, moment) {
  const link = new URL(address);
  if (moment) link.searchParams.set('as_of', moment);
  return link.href;
}

// The clipboard asks for a secure page; elsewhere a selected field does the same.
export async function copy(text, clipboard, page) {
  if (clipboard) return clipboard.writeText(text);
  const field = page.createElement('textarea');
  field.value = text;
  field.setAttribute('readonly', '');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  page.body.append(field);
  field.select();
  const done = page.execCommand('copy');
  field.remove();
  if (!done) throw new Error('the browser does not let a page copy');
}

const SHOWN_FOR = 4000;
const ready = new WeakSet(); // buttons that have their listener; each run of the page calls again

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector('button');
  const said = parentElement.querySelector('[role=status]');
  button.dataset.moment = data.moment;
  if (ready.has(button)) return;
  ready.add(button);
  button.addEventListener('click', async () => {
    try {
      await copy(linkOf(window.location.href, button.dataset.moment), navigator.clipboard, document);
      said.textContent = button.dataset.moment ? 'Link copied, at this minute' : 'Link copied';
    } catch {
      said.textContent = 'Copy the address bar';
    }
    setTimeout(() => {
      said.textContent = '';
    }, SHOWN_FOR);
  });
}
