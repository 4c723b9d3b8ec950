/** Which of the waiting appends go into the next pass. Pure, so that its rules can be tested alone. */

/** Beyond this many tokens an append is prefill: it fills a pass by itself. */
export const DECODE_TOKENS_MAX = 16;

/**
 * What a pass costs besides its cells, in cells: it reads all weights once. Measured on the synthetic
 * decoder and on the nano planner (`npm run bench -- engine`), where it is between 5 and 12.
 */
export const PASS_COST_CELLS = 8;

/**
 * Cells of a pass while others may come, who would have to wait for its end: about a third of a full one. Less costs
 * throughput: with 32, of ten times the load 75 % of the peak was served, with this 81 % (`npm run bench -- engine-load`).
 */
export const SHARED_PASS_CELLS = 48;

export type Waiting = {
  readonly tokens: number;
  readonly prefix: unknown;
  /** Its row in the batch of its prefix; infinite where it has none yet. A pass computes all rows between its own. */
  readonly place: number;
};

/**
 * Splits the decode appends into passes of at most `cellsMax` cells, though each has at least a row. Rows of one pass have the same prefix and are padded to the
 * longest, so a row that is much longer than the others is cheaper alone. Within one prefix the rows up to
 * some length share a pass, each longer one has its own; the length with the least cost is taken.
 */
export function planDecode<Item extends Waiting>(
  items: readonly Item[],
  cellsMax = Number.POSITIVE_INFINITY,
): Item[][] {
  const groups = new Map<unknown, Item[]>();
  for (const item of items) groups.set(item.prefix, [...(groups.get(item.prefix) ?? []), item]);
  return [...groups.values()].flatMap(planGroup).flatMap((pass) => within(pass, cellsMax));
}

/** A pass as several that are about equally large, each of neighbouring rows. */
function within<Item extends Waiting>(pass: readonly Item[], cellsMax: number): Item[][] {
  const width = Math.max(...pass.map(({ tokens }) => tokens));
  const rowsMax = Math.max(1, Math.floor(cellsMax / width));
  if (pass.length <= rowsMax) return [[...pass]];
  const rows = Math.ceil(pass.length / Math.ceil(pass.length / rowsMax));
  const sorted = pass.toSorted((a, b) => (a.place < b.place ? -1 : Number(a.place > b.place)));
  return Array.from({ length: Math.ceil(sorted.length / rows) }, (_, index) =>
    sorted.slice(index * rows, (index + 1) * rows),
  );
}

function planGroup<Item extends Waiting>(items: readonly Item[]): Item[][] {
  const sorted = items.toSorted((a, b) => a.tokens - b.tokens);
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let together = 1; together <= sorted.length; together++) {
    const width = (sorted[together - 1] as Item).tokens;
    const alone = sorted.slice(together);
    const cells = together * width + alone.reduce((sum, item) => sum + item.tokens, 0);
    const cost = cells + PASS_COST_CELLS * (1 + alone.length);
    if (cost < least) [best, least] = [together, cost];
  }
  return [sorted.slice(0, best), ...sorted.slice(best).map((item) => [item])];
}
