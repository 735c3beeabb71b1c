// What the marked draft shows: which claims are listed, which one a stretch of text stands for.

const TONES = ['contradicted', 'superseded', 'unverifiable', 'supported'];
const WORDS = {
  all: 'All', contradicted: 'Contradicted', superseded: 'Superseded', unverifiable: 'Not verifiable',
  supported: 'Supported',
};

// The tone of words that several claims share is that of the one that wants attention most.
export function toneOf(numbers, claims) {
  const tones = new Set(numbers.map((n) => claims[n]?.tone));
  return TONES.find((tone) => tones.has(tone)) ?? 'supported';
}

// The claim that a click on shared words opens: after the one that is open, in a round.
export function openedBy(numbers, open) {
  const place = numbers.indexOf(open);
  return numbers[(place + 1) % numbers.length];
}

// The filters that have claims, with their counts; 'all' is always there.
export function filtersOf(claims) {
  const counts = TONES.map((tone) => [tone, claims.filter((claim) => claim.tone === tone).length]);
  return [['all', claims.length], ...counts.filter(([, count]) => count)]
    .map(([name, count]) => ({ name, label: `${WORDS[name]} ${count}` }));
}

export function listed(claims, filter) {
  return claims.filter((claim) => filter === 'all' || claim.tone === filter);
}

// The accepted corrections after one was taken or given back.
export function toggled(accepted, number) {
  const rest = accepted.filter((one) => one !== number);
  return rest.length < accepted.length ? rest : [...accepted, number].toSorted((a, b) => a - b);
}

// Points of a small line, from values that may be missing: runs of what is there.
export function sparkRuns(values, { width, height }) {
  const there = values.filter((value) => value !== null);
  if (there.length < 2) return [];
  const low = Math.min(...there), span = Math.max(...there) - low;
  const step = width / (values.length - 1), runs = [[]];
  values.forEach((value, n) => {
    if (value === null) { runs.push([]); return; }
    const y = span ? height - 1.5 - (height - 3) * (value - low) / span : height / 2;
    runs.at(-1).push(`${Math.round(n * step * 10) / 10},${Math.round(y * 10) / 10}`);
  });
  return runs.filter((run) => run.length > 1).map((run) => run.join(' '));
}
