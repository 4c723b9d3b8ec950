/** The embedded models under their tools: what a net says of a picture alone is worked out once. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { observeRuns } from '#backend/engine/runtime';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { openVisionModels } from '#backend/packs/adapters';
import { type OpenTool, openTools } from '#backend/tools/index';
import { runTool } from '#backend/tools/run';

let tools: ReadonlyMap<string, OpenTool>;
let picture: Raster;

beforeAll(async () => {
  tools = await openTools({ threads: 1, ...(await openVisionModels({ device: 'cpu', threads: 1 })) });
  picture = (await decodeImage('examples/things.jpg')).raster;
});
afterEach(() => observeRuns(undefined));

type Call = readonly [name: string, input: Readonly<Record<string, unknown>>];

/** How often graphs ran for the calls, all on one picture that nobody has seen before, and what the calls said. */
async function graphRuns(calls: readonly Call[]): Promise<{ runs: number[]; said: unknown[] }> {
  const fresh = { ...picture };
  const runs: number[] = [];
  const said: unknown[] = [];
  for (const [name, input] of calls) {
    let count = 0;
    observeRuns(() => count++);
    const context = { signal: new AbortController().signal, image: async () => fresh };
    const tool = tools.get(name) as OpenTool;
    said.push((await runTool(tool, { image: 'image-0', ...input }, context)).observation);
    runs.push(count);
  }
  return { runs, said };
}

test.each<readonly Call[]>([
  [
    ['EstimateRegionDepth', { bbox: [0.1, 0.1, 0.3, 0.3] }],
    ['EstimateRegionDepth', { bbox: [0.6, 0.6, 0.9, 0.9] }],
    ['VisualizeDepth', {}],
  ],
  [
    ['GetObjects', {}],
    ['LocalizeObjects', { objects: ['apple'] }],
    ['LocalizeObjects', { objects: ['guitar', 'umbrella'] }],
  ],
])('%j and what follows', async (...calls) => {
  const { runs, said } = await graphRuns(calls);
  expect(runs[0]).toBeGreaterThan(0);
  expect(runs.slice(1)).toEqual(calls.slice(1).map(() => 0));
  // And says what it would have said of a picture that is new to it.
  for (const [index, call] of calls.entries()) expect((await graphRuns([call])).said).toEqual([said[index]]);
});
