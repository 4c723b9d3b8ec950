/** Processor time of several ways to do the same work, taken in turns so that the machine's noise hits all alike. */

/** Does all the work of one way and gives how many runs that were. */
export type Way = {
  readonly name: string;
  work(): Promise<number>;
  /** What the last work took, where it was done in another process. */
  readonly cpuMs?: () => number;
};

export type Measured = { readonly name: string; readonly cpuMs: readonly number[] };

/** Milliseconds of the processor, of all threads, for each run of each way, once for each of `repeats` rounds. */
export async function interleaved(
  ways: readonly Way[],
  repeats: number,
  { quiet = false } = {},
): Promise<Measured[]> {
  const measured = ways.map(({ name }) => ({ name, cpuMs: [] as number[] }));
  for (let round = 0; round < repeats; round++) {
    for (const [index, way] of ways.entries()) {
      const before = process.cpuUsage();
      const runs = await way.work();
      const { user, system } = process.cpuUsage(before);
      const cpuMs = (way.cpuMs?.() ?? (user + system) / 1000) / runs;
      measured[index]?.cpuMs.push(cpuMs);
      // A long benchmark that is cut off has told what it knew.
      if (!quiet)
        console.error(`round ${round + 1} of ${repeats}, ${way.name}: ${cpuMs.toFixed(1)} CPU ms per run`);
    }
  }
  return measured;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

/** A table: each way's median and range, and the medians of `peers` as multiples of it. */
export function printTable(measured: readonly Measured[], peers: readonly string[]): void {
  const medians = new Map(measured.map(({ name, cpuMs }) => [name, median(cpuMs)]));
  const number = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
  console.log(
    `| way | CPU ms per run, median (range) | ${peers.map((peer) => `${peer} / way`).join(' | ')} |`,
  );
  console.log(`|---|---|${'---|'.repeat(peers.length)}`);
  for (const { name, cpuMs } of measured) {
    const own = medians.get(name) ?? 0;
    const ratios = peers.map((peer) => {
      const theirs = medians.get(peer);
      return theirs === undefined ? 'n/a' : (theirs / own).toFixed(2);
    });
    const range = `${number(Math.min(...cpuMs))}–${number(Math.max(...cpuMs))}`;
    console.log(`| ${name} | ${number(own)} (${range}) | ${ratios.join(' | ')} |`);
  }
}
