/** Lines up what was printed with what the OCR read: rows first, then characters. */

export type Edit =
  | { readonly type: 'same' | 'substitute'; readonly printed: string; readonly read: string }
  | { readonly type: 'drop'; readonly printed: string }
  | { readonly type: 'insert'; readonly read: string };

/** A shortest edit script (Levenshtein, all costs 1). */
export function editsOf(printed: string, read: string): Edit[] {
  const width = read.length + 1;
  const cost = distances(printed, read);
  const edits: Edit[] = [];
  let [i, j] = [printed.length, read.length];
  while (i > 0 || j > 0) {
    const here = cost[i * width + j] as number;
    const equal = i > 0 && j > 0 && printed[i - 1] === read[j - 1];
    if (i > 0 && j > 0 && here === (cost[(i - 1) * width + j - 1] as number) + (equal ? 0 : 1)) {
      edits.push({
        type: equal ? 'same' : 'substitute',
        printed: printed[i - 1] as string,
        read: read[j - 1] as string,
      });
      i--;
      j--;
    } else if (i > 0 && here === (cost[(i - 1) * width + j] as number) + 1) {
      edits.push({ type: 'drop', printed: printed[i - 1] as string });
      i--;
    } else {
      edits.push({ type: 'insert', read: read[j - 1] as string });
      j--;
    }
  }
  return edits.reverse();
}

/** Levenshtein distances of all prefixes, row by row of `printed`. */
function distances(printed: string, read: string): Uint16Array {
  const width = read.length + 1;
  const cost = new Uint16Array((printed.length + 1) * width);
  for (let j = 0; j < width; j++) cost[j] = j;
  for (let i = 1; i <= printed.length; i++) {
    cost[i * width] = i;
    for (let j = 1; j < width; j++) {
      const change = (cost[(i - 1) * width + j - 1] as number) + (printed[i - 1] === read[j - 1] ? 0 : 1);
      const drop = (cost[(i - 1) * width + j] as number) + 1;
      const insert = (cost[i * width + j - 1] as number) + 1;
      cost[i * width + j] = Math.min(change, drop, insert);
    }
  }
  return cost;
}

/** Least number of characters to insert, drop or replace (Levenshtein); counted in UTF-16 units. */
export function editDistance(printed: string, read: string): number {
  return distances(printed, read).at(-1) ?? 0;
}

/** 1 for texts that are equal but for spaces and case, 0 for nothing in common. */
export function similarity(first: string, second: string): number {
  const [a, b] = [first.replaceAll(' ', '').toLowerCase(), second.replaceAll(' ', '').toLowerCase()];
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - (distances(a, b).at(-1) ?? 0) / longest;
}

export type RowMatch =
  | { readonly type: 'whole'; readonly row: number; readonly at: number }
  /** The cells up to `cut` were read as one row, the others as another. */
  | {
      readonly type: 'split';
      readonly row: number;
      readonly cut: number;
      readonly at: readonly [number, number];
    }
  | { readonly type: 'merged'; readonly row: number; readonly at: number }
  | { readonly type: 'dropped'; readonly row: number };

export type RowAlignment = { readonly matches: readonly RowMatch[]; readonly inserted: readonly number[] };

const GOOD = 0.75;
const FAIR = 0.5;

type Candidate = {
  readonly score: number;
  readonly match: RowMatch;
  readonly rows: readonly number[];
  readonly reads: readonly number[];
};

export function alignRows(printed: readonly (readonly string[])[], read: readonly string[]): RowAlignment {
  const candidates = [...wholes(printed, read), ...splits(printed, read), ...merges(printed, read)];
  candidates.sort((a, b) => b.score - a.score);
  const [rowsLeft, readsLeft] = [new Set(printed.keys()), new Set(read.keys())];
  const matches: RowMatch[] = [];
  for (const { match, rows, reads } of candidates) {
    if (!rows.every((row) => rowsLeft.has(row)) || !reads.every((at) => readsLeft.has(at))) continue;
    for (const row of rows) rowsLeft.delete(row);
    for (const at of reads) readsLeft.delete(at);
    matches.push(match);
  }
  const dropped = [...rowsLeft].map((row): RowMatch => ({ type: 'dropped', row }));
  return { matches: [...matches, ...dropped].sort((a, b) => a.row - b.row), inserted: [...readsLeft] };
}

/** Among equally good candidates the one nearest to its place wins. */
function nearness(row: number, at: number): number {
  return -Math.abs(row - at) * 1e-3;
}

function* wholes(printed: readonly (readonly string[])[], read: readonly string[]): Generator<Candidate> {
  for (const [row, cells] of printed.entries()) {
    for (const [at, text] of read.entries()) {
      const score = similarity(cells.join(' '), text);
      if (score < FAIR) continue;
      yield { score: score + nearness(row, at), match: { type: 'whole', row, at }, rows: [row], reads: [at] };
    }
  }
}

function* splits(printed: readonly (readonly string[])[], read: readonly string[]): Generator<Candidate> {
  for (const [row, cells] of printed.entries()) {
    for (let cut = 1; cut < cells.length; cut++) {
      const [first, second] = [
        best(cells.slice(0, cut).join(' '), read, row),
        best(cells.slice(cut).join(' '), read, row),
      ];
      if (first.at === second.at || Math.min(first.score, second.score) < GOOD) continue;
      yield {
        score: (first.score + second.score) / 2 + nearness(row, first.at),
        match: { type: 'split', row, cut, at: [first.at, second.at] },
        rows: [row],
        reads: [first.at, second.at],
      };
    }
  }
}

function* merges(printed: readonly (readonly string[])[], read: readonly string[]): Generator<Candidate> {
  for (let row = 0; row + 1 < printed.length; row++) {
    const both = [...(printed[row] ?? []), ...(printed[row + 1] ?? [])].join(' ');
    const { at, score } = best(both, read, row);
    if (score < GOOD) continue;
    yield { score, match: { type: 'merged', row, at }, rows: [row, row + 1], reads: [at] };
  }
}

function best(text: string, read: readonly string[], row: number): { at: number; score: number } {
  let found = { at: -1, score: 0 };
  for (const [at, other] of read.entries()) {
    const score = similarity(text, other) + nearness(row, at);
    if (score > found.score) found = { at, score };
  }
  return found;
}
