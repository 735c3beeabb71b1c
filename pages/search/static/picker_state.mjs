// What a picker does with keys and answers, without a document.

// What the list shows for what is typed: the recent ones, the hits, or null while none are known.
export function listed(typed, data) {
  const text = typed.trim();
  if (!text) return data.recents;
  return data.asked === text ? data.hits : null;
}

// The sentences above and below the list.
export function sentences(typed, data) {
  const text = typed.trim();
  if (!text) {
    return { above: data.recents.length ? data.before : '', below: data.recents.length ? '' : data.placeholder };
  }
  return { above: '', below: data.asked === text ? data.note : 'Searching…' };
}

// Where the mark goes with an arrow; it goes around at the ends.
export function moved(place, key, count) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  return count ? (place + step + count) % count : 0;
}

// What Enter does: takes what is marked, or asks the server what a text means; null for nothing.
export function entered(typed, data, place) {
  const lines = listed(typed, data), text = typed.trim();
  if (lines?.length) return { take: lines[Math.min(place, lines.length - 1)].id };
  return text ? { type: text } : null;
}
