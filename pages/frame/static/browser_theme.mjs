// Reports which theme the browser shows, from the colour of the page's ground; it also starts what
// every page has: landmarks, tables that sort, columns that can be hidden, pictures of panels.
import { markLandmarks } from './landmarks.mjs';
import { takePictures } from './panel_picture.mjs';
import { chooseColumns } from './table_columns.mjs';
import { sortTables } from './table_sort.mjs';

// 'light' or 'dark' for `#rrggbb`; null for any other way of writing a colour.
export function themeOf(ground) {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(ground);
  if (!parts) return null;
  const light = parts.slice(1).reduce((sum, part) => sum + parseInt(part, 16), 0) / 3;
  return light > 127 ? 'light' : 'dark';
}

export default function ({ data, parentElement, setStateValue }) {
  markLandmarks();
  sortTables();
  chooseColumns();
  takePictures();
  const host = parentElement.host ?? parentElement;
  const theme = themeOf(getComputedStyle(host).getPropertyValue('--st-background-color').trim());
  if (!theme) return;
  document.documentElement.dataset.theme = theme;
  if (theme !== data.theme) setStateValue('theme', theme);
}
