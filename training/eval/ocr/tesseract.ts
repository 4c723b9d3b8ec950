/** Debian's Tesseract on the same pixels. Its binary is optional: no evaluation rests on it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Raster } from '#backend/images/raster';
import type { Bounds, Piece, Reading } from './measure.ts';

const run = promisify(execFile);

export type Tesseract = {
  readonly version: string;
  read(raster: Raster): Promise<Reading>;
  close(): Promise<void>;
};

/** Words of one line that stand farther apart than this, in heights of the line, are cells of their own. */
const CELL_GAP = 1;
const WORD_LEVEL = '5';

/**
 * Page segmentation mode 1: automatic, with detection of orientation and script. One thread.
 * Undefined where the machine has no `tesseract`.
 */
export async function openTesseract(): Promise<Tesseract | undefined> {
  const version = await run('tesseract', ['--version']).catch(() => undefined);
  if (!version) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'taco-tesseract-'));
  const file = join(folder, 'page.ppm');
  return {
    version: (version.stdout + version.stderr).split('\n')[0]?.trim() ?? 'tesseract',
    read: async ({ data, width, height }) => {
      await writeFile(file, Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), data]));
      const start = performance.now();
      const { stdout } = await run('tesseract', [file, 'stdout', '--psm', '1', '-l', 'eng', 'tsv'], {
        env: { ...process.env, OMP_THREAD_LIMIT: '1' },
        maxBuffer: 64 * 1024 * 1024,
      });
      return readingOf(stdout, performance.now() - start);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

type Line = { readonly pieces: Piece[] };

/** From Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. */
export function readingOf(table: string, ms: number): Reading {
  const lines = new Map<string, Line>();
  for (const row of table.split('\n').slice(1)) {
    const [level, page, block, paragraph, line, , left, top, width, height, , text = ''] = row.split('\t');
    if (level !== WORD_LEVEL || text.trim() === '') continue;
    const key = [page, block, paragraph, line].join();
    const [x, y] = [Number(left), Number(top)];
    const bounds: Bounds = [x, y, x + Number(width), y + Number(height)];
    const entry = lines.get(key) ?? { pieces: [] };
    entry.pieces.push({ text: text.trim(), bounds });
    lines.set(key, entry);
  }
  const all = [...lines.values()];
  return {
    text: all.map(({ pieces }) => pieces.map((piece) => piece.text).join(' ')).join('\n'),
    pieces: all.flatMap(({ pieces }) => pieces),
    runs: all.flatMap(({ pieces }) => runsOf(pieces)),
    tables: [],
    ms,
  };
}

/** Boxes around the words of one line that stand side by side, or one over the other in a turned picture. */
function runsOf(pieces: readonly Piece[]): Bounds[] {
  const runs: Bounds[] = [];
  for (const { bounds } of pieces) {
    const last = runs.at(-1);
    const union = last ? unionOf(last, bounds) : bounds;
    const upright = union[2] - union[0] >= union[3] - union[1];
    const [near, far] = upright ? ([0, 2] as const) : ([1, 3] as const);
    const height = upright ? union[3] - union[1] : union[2] - union[0];
    const gap = last ? Math.max(bounds[near] - last[far], last[near] - bounds[far]) : Infinity;
    if (gap > CELL_GAP * height) runs.push(bounds);
    else runs[runs.length - 1] = union;
  }
  return runs;
}

const unionOf = (a: Bounds, b: Bounds): Bounds => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[2], b[2]),
  Math.max(a[3], b[3]),
];
