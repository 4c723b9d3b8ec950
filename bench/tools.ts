/**
 * Every tool that has a model on this machine: its latency on one thread beside the time inside its graphs, and when
 * it is asked of the same picture again; the same with photos of 12 megapixels; and what the vision process does with
 * four requests at once against one at a time.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { ToolInput } from '#backend/engine/protocol';
import { observeRuns } from '#backend/engine/runtime';
import { startSupervisor } from '#backend/engine/supervisor';
import { decodeImage } from '#backend/images/decode';
import { encodeImage } from '#backend/images/encode';
import { pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import { openVisionModels } from '#backend/packs/adapters';
import { type OpenTool, openTools } from '#backend/tools/index';
import { runTool } from '#backend/tools/run';
import { imageIndex } from '#shared/conversation';
import { TOOL_WALL_MS_MAX } from '#shared/limits';

const PROCESS = new URL('../gpu-backend/engine/process.ts', import.meta.url);
const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
/** image-0, image-1 ... of every call. */
const PICTURES = [
  ...['sign.jpg', 'receipt.png', 'menu.png'].map((name) => `../tests/backend/ocr/fixtures/${name}`),
  '../training/eval/objects/pictures/known-000.jpg',
].map((path) => new URL(path, import.meta.url));
/** The one with things that a detector finds. */
const THINGS = `image-${PICTURES.length - 1}`;
/** Until our own code runs as it does in a service that is up: graphs are as fast at once. */
const WARM_UP_ROUNDS = 40;
const LATENCY_REPEATS = 15;
/** Of a phone's camera. */
const PHOTO_PIXELS = 12_000_000;
const PHOTO_REPEATS = 5;
const THROUGHPUT_REPEATS = 7;
const AT_ONCE = 4;
/** What pre- and post-processing may cost on top of the graphs. */
const RATIO_AIM = 1.15;

type Arguments = Readonly<Record<string, unknown>>;
type Measured = { readonly name: string; readonly arguments: Arguments; readonly tool: OpenTool };

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export async function run(): Promise<void> {
  const models = await openVisionModels({ device: 'cpu', threads: 1 });
  const tools = await openTools({ threads: 1, ...models });
  const rasters = await rastersOf(PICTURES);
  const context = contextOf(rasters);
  const names = await namesOf(tools.get('GetObjects'), context);
  const measured = [...tools].flatMap(([name, tool]): Measured[] => {
    const given = tool.spec.examples[0]?.arguments;
    if (tool.spec.roles.length === 0 || given === undefined) return [];
    return [{ name, tool, arguments: ofThings(given, names) }];
  });
  await latencies(measured, rasters);
  await photos(measured, await Promise.all(rasters.map(photoOf)));
  await throughput(measured);
}

async function rastersOf(files: readonly URL[]): Promise<Raster[]> {
  const rasters: Raster[] = [];
  for (const file of files) rasters.push((await decodeImage(readFileSync(file))).raster);
  return rasters;
}

function contextOf(rasters: readonly Raster[]) {
  return {
    signal: new AbortController().signal,
    image: async (name: string): Promise<Raster> => {
      const raster = rasters[imageIndex(name, rasters.length) ?? -1];
      if (raster === undefined) throw new Error(`the benchmark has no ${name}`);
      return raster;
    },
  };
}

type Context = ReturnType<typeof contextOf>;

/** What is found in the picture of things: a tool that looks for what is not there would have less to do. */
async function namesOf(tool: OpenTool | undefined, context: Context): Promise<readonly string[]> {
  if (!tool) return [];
  const { observation } = await runTool(tool, { image: THINGS }, context);
  const { objects } = observation as { readonly objects?: readonly string[] };
  if (!objects?.length) throw new Error(`GetObjects finds nothing: ${JSON.stringify(observation)}`);
  return objects;
}

function ofThings(given: Arguments, names: readonly string[]): Arguments {
  const [one = '', other = one] = names;
  if ('object' in given) return { ...given, image: THINGS, object: one };
  return 'objects' in given ? { ...given, image: THINGS, objects: [one, other] } : given;
}

type Sample = { readonly ms: number; readonly graphs: number; readonly encoding: number };

/** Encoding is what the service does with a picture that the tool made; it is no part of `ms`. */
async function sampleOf({ name, tool, arguments: given }: Measured, context: Context): Promise<Sample> {
  let graphs = 0;
  observeRuns((ms) => {
    graphs += ms;
  });
  const start = performance.now();
  const { observation, image } = await runTool(tool, given, context);
  const ms = performance.now() - start;
  observeRuns(undefined);
  refuseError(name, { observation });
  const encoding = image === undefined ? 0 : await timed(() => encodeImage(image));
  return { ms, graphs, encoding };
}

function medianOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return median(samples.map(of));
}

/** What is kept of an image is kept by the object that it is: a copy of that is an image that nobody has seen. */
const unseen = (rasters: readonly Raster[]): Raster[] => rasters.map((raster) => ({ ...raster }));

/** As `unseen`, but with its halves, which any other tool may have made. */
function halved(rasters: readonly Raster[]): Raster[] {
  const fresh = unseen(rasters);
  for (const raster of fresh) pyramidOf(raster).level(Number.POSITIVE_INFINITY);
  return fresh;
}

async function latencies(measured: readonly Measured[], rasters: readonly Raster[]): Promise<void> {
  const samples = measured.map((): { first: Sample; again: Sample }[] => []);
  // In turns, so that other work on the machine hurts all alike.
  for (let round = -WARM_UP_ROUNDS; round < LATENCY_REPEATS; round++) {
    for (const [index, one] of measured.entries()) {
      const context = contextOf(halved(rasters));
      const pair = { first: await sampleOf(one, context), again: await sampleOf(one, context) };
      if (round >= 0) samples[index]?.push(pair);
    }
  }
  measured.forEach(({ name }, index) => {
    const all = (samples[index] ?? []).map(({ first }) => first);
    const again = (samples[index] ?? []).map((pair) => pair.again);
    const graphs = medianOf(all, (sample) => sample.graphs);
    const encoding = medianOf(all, (sample) => sample.encoding);
    const ratio = medianOf(all, (sample) => sample.ms / sample.graphs).toFixed(2);
    const beside =
      graphs === 0 ? 'no graph' : `in its graphs ${graphs.toFixed(1)} ms, ratio ${ratio} (aim ${RATIO_AIM})`;
    const picture = encoding === 0 ? '' : `; its picture is encoded in ${encoding.toFixed(1)} ms`;
    const ms = (some: readonly Sample[]): string => medianOf(some, (sample) => sample.ms).toFixed(1);
    console.log(`tools: ${name}: ${ms(all)} ms, ${beside}, asked again ${ms(again)} ms${picture}`);
  });
}

/** The same picture with the pixels of a photo. */
async function photoOf({ data, width, height }: Raster): Promise<Raster> {
  const scale = Math.sqrt(PHOTO_PIXELS / (width * height));
  const resized = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: resized.data, width: resized.info.width, height: resized.info.height };
}

async function photos(measured: readonly Measured[], rasters: readonly Raster[]): Promise<void> {
  for (const one of measured) {
    const first: Sample[] = [];
    const next: Sample[] = [];
    for (let repeat = 0; repeat < PHOTO_REPEATS; repeat++) {
      const context = contextOf(unseen(rasters));
      first.push(await sampleOf(one, context));
      next.push(await sampleOf(one, context));
    }
    const ms = (samples: readonly Sample[]): string => medianOf(samples, (sample) => sample.ms).toFixed(1);
    const graphs = medianOf(first, (sample) => sample.graphs).toFixed(1);
    console.log(
      `tools: ${one.name}: of ${PHOTO_PIXELS / 1e6} megapixels: ${ms(first)} ms for the first look at a photo, ` +
        `of which in its graphs ${graphs} ms; asked again ${ms(next)} ms`,
    );
  }
}

/** A call that fails would be fast and say nothing. */
function refuseError(name: string, { observation }: { readonly observation: unknown }): void {
  if (typeof observation === 'object' && observation !== null && 'error' in observation)
    throw new Error(`${name} failed: ${JSON.stringify(observation)}`);
}

/** Through the child process that serves requests; each call is the first to look at pixels that are decoded and cached. */
async function throughput(measured: readonly Measured[]): Promise<void> {
  const supervisor = startSupervisor({
    role: 'vision',
    program: PROCESS,
    child: { modelFolder: MODELS, device: 'cpu', threads: 1 },
    log: (event, fields) => console.error(`tools: ${event} ${JSON.stringify(fields)}`),
  });
  const options = { wallMs: TOOL_WALL_MS_MAX, signal: new AbortController().signal };
  let names = 0;
  /** The files of a call under names that the process has not seen. */
  const decoded = async (): Promise<Record<string, string>> => {
    const files: Record<string, string> = {};
    for (const picture of PICTURES) {
      const [sha256, file] = [
        createHash('sha256').update(`${names++}`).digest('hex'),
        fileURLToPath(picture),
      ];
      await supervisor.call('inspect', { file, sha256 }, options).result;
      files[sha256] = file;
    }
    return files;
  };
  const four = async (): Promise<Record<string, string>[]> => {
    const all: Record<string, string>[] = [];
    while (all.length < AT_ONCE) all.push(await decoded());
    return all;
  };
  const call = async ({ name, arguments: given }: Measured, files: Record<string, string>): Promise<void> => {
    const input: ToolInput = { name, arguments: { ...given }, images: Object.keys(files), files };
    refuseError(name, await supervisor.call('tool', input, options).result);
  };
  try {
    for (const one of measured) {
      await call(one, await decoded());
      const apart: number[] = [];
      const together: number[] = [];
      for (let repeat = 0; repeat < THROUGHPUT_REPEATS; repeat++) {
        const [first, second] = [await four(), await four()];
        apart.push(
          await timed(async () => {
            for (const files of first) await call(one, files);
          }),
        );
        together.push(await timed(() => Promise.all(second.map((files) => call(one, files)))));
      }
      const perSecond = (ms: number): string => ((1000 * AT_ONCE) / ms).toFixed(2);
      const ratio = median(apart.map((ms, index) => ms / (together[index] ?? ms)));
      console.log(
        `tools: ${one.name}: ${perSecond(median(apart))} calls a second one at a time, ` +
          `${perSecond(median(together))} with ${AT_ONCE} at once, ratio ${ratio.toFixed(2)}`,
      );
    }
  } finally {
    await supervisor.stop();
  }
}
