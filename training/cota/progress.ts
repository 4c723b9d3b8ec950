/** How far a long program is: a bar on a terminal, a line now and then elsewhere. */
const BAR_CHARS = 30;
const LINE_MS = 10_000;
const BAR_MS = 200;

export type Progress = { add(count: number): void; end(): void };

/** `total`: undefined where nobody knows it. `done` counts from the start; the rate counts only what is added. */
export function createProgress(
  total: number | undefined,
  done: number,
  unit: string,
  out: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const started = now();
  let added = 0;
  let shown = Number.NEGATIVE_INFINITY;
  const text = (): string => {
    const all = done + added;
    const seconds = Math.max(1e-3, (now() - started) / 1000);
    const rate = `${Math.round(added / seconds)} a second`;
    if (total === undefined) return `${all} ${unit}, ${rate}`;
    const share = total === 0 ? 1 : all / total;
    const filled = Math.round(share * BAR_CHARS);
    const bar = `[${'='.repeat(filled)}${' '.repeat(BAR_CHARS - filled)}]`;
    return `${bar} ${all} of ${total} ${unit} (${(100 * share).toFixed(1)} %), ${rate}`;
  };
  const show = (): void => {
    shown = now();
    out.write(out.isTTY ? `\r${text()}` : `${text()}\n`);
  };
  return {
    add: (count) => {
      added += count;
      if (now() - shown >= (out.isTTY ? BAR_MS : LINE_MS)) show();
    },
    end: () => {
      show();
      if (out.isTTY) out.write('\n');
    },
  };
}
