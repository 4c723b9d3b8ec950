/** Every action once through `POST /v1/tools/{name}` on the real stack, with the models that this repository holds. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '#backend/images/decode';
import type { PackRole } from '#backend/packs/manifest';
import { type ToolCallResponse, toolCallResponse, toolList } from '#shared/api';
import { type ToolName, toolSpec, toolSpecs } from '#shared/tools/index';
import { createScratch, type Scratch, type Started, start, stop, upload } from './system.ts';

/** Roles for which the repository holds no pack, and whose tools have no other. */
const UNFILLED: ReadonlySet<PackRole> = new Set();

/** Pixels 174 to 272 and 66 to 164 of 512; Crop adds 24 on each side. */
const FACE: readonly [number, number, number, number] = [0.34, 0.13, 0.53, 0.32];
/** image-0 is the astronaut, image-1 the coffee, image-2 the receipt. */
const PICTURES = [
  'training/eval/photos/astronaut.jpg',
  'training/eval/photos/coffee.jpg',
  'examples/receipt.jpg',
];

type Call = {
  readonly arguments: Record<string, unknown>;
  /** Part of the observation. */
  readonly says: Record<string, unknown>;
  /** Width and height of the image that comes back. */
  readonly image?: readonly [number, number];
};

const calls: { readonly [Name in Exclude<ToolName, 'Terminate'>]: Call } = {
  OCR: { arguments: { image: 'image-2' }, says: { text: expect.stringMatching(/total/i) } },
  LocalizeObjects: {
    arguments: { image: 'image-1', objects: ['cup'] },
    says: { regions: expect.any(Array) },
    image: [600, 400],
  },
  GetObjects: { arguments: { image: 'image-1' }, says: { objects: expect.any(Array) } },
  EstimateRegionDepth: {
    arguments: { image: 'image-1', bbox: [0.3, 0.2, 0.6, 0.6] },
    says: { depth: expect.any(Number) },
  },
  // A closed vocabulary may not see the cup of this photo: a coded answer is one, too.
  EstimateObjectDepth: { arguments: { image: 'image-1', object: 'cup' }, says: {} },
  Crop: {
    arguments: { image: 'image-0', bbox: FACE },
    says: { bbox: expect.any(Array) },
    image: [146, 146],
  },
  ZoomIn: {
    arguments: { image: 'image-0', bbox: FACE, zoom_factor: 2 },
    says: { zoom_factor: 2 },
    image: [292, 292],
  },
  QueryLanguageModel: { arguments: { query: 'Who wrote Faust?' }, says: { result: expect.any(String) } },
  GetImageToImagesSimilarity: {
    arguments: { image: 'image-0', other_images: ['image-1', 'image-0', 'image-2'] },
    says: { best_image_index: 1, best_image: 'image-0' },
  },
  GetImageToTextsSimilarity: {
    arguments: { image: 'image-1', texts: ['a red cup', 'a blue car'] },
    says: { best_text: expect.any(String) },
  },
  GetTextToImagesSimilarity: {
    arguments: { text: 'a red cup', images: ['image-0', 'image-1'] },
    says: { best_image: expect.any(String) },
  },
  DetectFaces: {
    arguments: { image: 'image-0' },
    says: { regions: [{ label: 'face', bbox: [0.34, 0.13, 0.53, 0.32], score: 1 }] },
    image: [512, 512],
  },
  QueryKnowledgeBase: { arguments: { query: 'green tea' }, says: { title: 'Tea' } },
  Calculate: { arguments: { expression: '2 ** 10 / 4' }, says: { result: 256 } },
  SolveMathEquation: { arguments: { query: '3x - 7 = 11' }, says: { result: expect.stringContaining('6') } },
  VisualizeRegionsOnImage: {
    arguments: { image: 'image-0', regions: [{ bbox: FACE, label: 'face' }] },
    says: { drawn: 1 },
    image: [512, 512],
  },
  VisualizeDepth: {
    arguments: { image: 'image-1' },
    says: { nearest: expect.any(Array), farthest: expect.any(Array) },
    image: [384, 256],
  },
};

/** `language` is a setting, not a pack: none is set here. */
function isUnfilled(role: string): boolean {
  return role === 'language' || UNFILLED.has(role as PackRole);
}

function isMissing(name: ToolName): boolean {
  const roles = toolSpec(name)?.roles ?? [];
  return roles.some((role) => (typeof role === 'string' ? isUnfilled(role) : role.every(isUnfilled)));
}

let scratch: Scratch;
let server: Started;
let images: { type: 'image_id'; image_id: string }[];
beforeAll(async () => {
  scratch = await createScratch();
  const nothingSet = { LANGUAGE_URL: '', LANGUAGE_MODEL: '', ENCYCLOPEDIA_URL: '', PACKS: '' };
  const environment = { ...scratch.environment, ...nothingSet };
  server = await start(['--port', '0', '--state', join(scratch.folder, 'state')], environment);
  images = await Promise.all(
    PICTURES.map(async (file) => ({
      type: 'image_id' as const,
      image_id: await upload(server, await readFile(file)),
    })),
  );
  const tea = { title: 'Tea', text: 'Green tea is brewed at 70 °C.' };
  expect((await send('PUT', '/v1/knowledge/tea', tea)).status).toBe(201);
}, 120_000);
afterAll(async () => {
  expect(await stop(server)).toBe(0);
  await scratch.remove();
});

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  return await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function call(name: string, body: Record<string, unknown>): Promise<ToolCallResponse> {
  const reply = await send('POST', `/v1/tools/${name}`, body);
  expect(reply.status).toBe(200);
  return toolCallResponse.parse(await reply.json());
}

const names = Object.keys(calls) as (keyof typeof calls)[];

describe('each action', () => {
  it('is listed with schema, place and typical time, and whether it is available', async () => {
    const { data } = toolList.parse(await (await send('GET', '/v1/tools')).json());
    expect(data.map(({ name }) => name)).toEqual(toolSpecs.map(({ name }) => name));
    for (const tool of data) {
      expect(tool).toMatchObject({
        runs: expect.stringMatching(/edge|backend/),
        typical_ms: expect.any(Number),
      });
      expect(tool.arguments).toMatchObject({ type: 'object' });
      expect(tool.examples.length).toBeGreaterThan(0);
    }
    const available = Object.fromEntries(data.map((tool) => [tool.name, tool.available]));
    expect(names.filter((name) => available[name] === isMissing(name))).toEqual([]);
  });

  it.each(names.filter((name) => !isMissing(name)))('%s answers', async (name) => {
    const { says, image, ...request } = calls[name];
    const reply = await call(name, { ...request, images });
    expect(reply.observation).toMatchObject(says);
    if (!('error' in reply.observation)) toolSpec(name)?.observation.parse(reply.observation);
    expect(reply.image_id !== undefined).toBe(image !== undefined);
    if (!image) return;
    const bytes = await send('GET', `/v1/images/${reply.image_id}`);
    const { raster } = await decodeImage(new Uint8Array(await bytes.arrayBuffer()));
    expect([raster.width, raster.height]).toEqual(image);
  });

  it.each(names.filter(isMissing))('%s says that it has no model here', async (name) => {
    const { says: _says, image: _image, ...request } = calls[name];
    const reply = await send('POST', `/v1/tools/${name}`, { ...request, images });
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({
      code: 'tool_unavailable',
      detail: expect.stringContaining(name),
    });
  });

  it('Terminate ends a run and cannot be called', async () => {
    const reply = await send('POST', '/v1/tools/Terminate', { arguments: { answer: '1' } });
    expect([reply.status, await reply.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'tool_unavailable' }),
    ]);
  });
});

it('what a tool found goes into the next call: the face is cut out of the photo', async () => {
  const found = await call('DetectFaces', { arguments: { image: 'image-0' }, images });
  const regions = found.observation['regions'] as { bbox: number[] }[];
  const cut = await call('Crop', { arguments: { image: 'image-0', bbox: regions[0]?.bbox }, images });
  const next = { type: 'image_id', image_id: cut.image_id };
  const alike = await call('GetImageToImagesSimilarity', {
    arguments: { image: 'image-3', other_images: ['image-2', 'image-1', 'image-0'] },
    images: [...images, next],
  });
  expect(alike.observation).toMatchObject({ best_image: 'image-0' });
});

it('what no tool can work on is an observation that says how to mend it', async () => {
  const { observation } = await call('Crop', {
    arguments: { image: 'image-0', bbox: [0.5, 0.5, 0.5, 0.9] },
    images,
  });
  expect(observation).toMatchObject({
    error: { code: 'empty_box', message: expect.stringContaining('0..1') },
  });
  const none = await send('POST', '/v1/tools/DetectFaces', { arguments: { image: 'image-7' }, images });
  expect([none.status, ((await none.json()) as { detail: string }).detail]).toEqual([
    422,
    expect.stringContaining('image-0 to image-2'),
  ]);
});
