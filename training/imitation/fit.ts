/**
 * `node training/imitation/fit.ts [PICTURES] [PART...]`: draws training pictures, looks at them with the real tools, and writes
 * model.json and README.md beside this file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { openToolBench, type ToolBench } from '../cota/tool-bench.ts';
import { boxAround, objectsOf, portraitOf, spaceOf } from '../pictures/compose.ts';
import { drawPicture } from '../pictures/draw.ts';
import { drawableNames } from '../pictures/glyphs.ts';
import type { Bounds, Picture } from '../pictures/picture.ts';
import { type Random, randomOf } from '../random.ts';
import type { Region } from './find.ts';
import { trueDepth } from './measured.ts';
import { type ImitationModel, modelFile } from './model.ts';
import { readmeOf } from './readme.ts';

const SEED = 20_261;

const rasterOf = async (picture: Picture, seed: number): Promise<Raster> =>
  (await decodeImage((await drawPicture(picture, { seed, split: 'train' })).image)).raster;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};
const short = (value: number): number => Math.round(value * 1000) / 1000;

const wordOf = (label: string): string => label.replace(/-\d+$/, '');

/** The find whose middle lies in the inner half of a box. */
function findOf(
  regions: readonly Region[],
  name: string,
  [left, top, right, bottom]: Bounds,
): Region | undefined {
  return regions.find(({ label, bbox }) => {
    const [x, y] = [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2];
    const inside = x > left && x < right && y > top && y < bottom;
    return inside && wordOf(label) === name;
  });
}

type Edges = [number, number, number, number];

class Finds {
  shown = 0;
  readonly scores: number[] = [];
  readonly edges: Edges[] = [];
  falseFinds = 0;

  add(regions: readonly Region[], name: string, box: Bounds): Region | undefined {
    const find = findOf(regions, name, box);
    this.shown++;
    if (!find) return undefined;
    this.scores.push(find.score);
    this.edges.push(find.bbox.map((edge, index) => edge - (box[index] ?? 0)) as Edges);
    return find;
  }

  shift(): Edges {
    return [0, 1, 2, 3].map((index) => short(mean(this.edges.map((edges) => edges[index] ?? 0)))) as Edges;
  }

  spread(): number {
    return short(mean([0, 1, 2, 3].map((index) => deviation(this.edges.map((edges) => edges[index] ?? 0)))));
  }
}

async function objects(bench: ToolBench, random: Random, count: number): Promise<ImitationModel['objects']> {
  const names = drawableNames();
  const all = new Finds();
  const each = new Map(names.map((name) => [name, new Finds()]));
  const within: number[] = [];
  let [asked, named, due, wrong, pictures] = [0, 0, 0, 0, 0];
  for (let index = 0; index < count; index++) {
    const shown = random.sample(names, random.int(3, 6));
    const picture = objectsOf(random, shown);
    if (!picture) continue;
    pictures++;
    const raster = await rasterOf(picture, index);
    const absent = random.sample(
      names.filter((name) => !shown.includes(name)),
      4,
    );
    const look = await bench.call('LocalizeObjects', { image: 'image-0', objects: [...shown, ...absent] }, [
      raster,
    ]);
    const regions = look.observation['regions'] as Region[];
    const list = (await bench.call('GetObjects', { image: 'image-0' }, [raster])).observation[
      'objects'
    ] as string[];
    for (const { name, box } of picture.things) {
      const find = all.add(regions, name, box);
      each.get(name)?.add(regions, name, box);
      if (!find) continue;
      due++;
      named += list.includes(name) ? 1 : 0;
    }
    wrong += list.filter((name) => !shown.includes(name)).length;
    all.falseFinds += regions.filter(({ label }) => absent.includes(wordOf(label))).length;
    asked += absent.length;
  }
  const rates = [...each]
    .filter(([, { shown }]) => shown > 0)
    .map(([name, { shown, scores }]) => {
      within.push(...scores.map((score) => score - mean(scores)));
      return [
        name,
        { shown, found: short(scores.length / shown), score: short(scores.length > 0 ? mean(scores) : 0) },
      ] as const;
    });
  return {
    names: Object.fromEntries(rates),
    scoreSpread: short(deviation(within)),
    edgeSpread: all.spread(),
    edgeShift: all.shift(),
    falseFinds: short(all.falseFinds / asked),
    listed: short(named / due),
    falseNames: short(wrong / pictures),
  };
}

async function faces(bench: ToolBench, random: Random, count: number): Promise<ImitationModel['faces']> {
  const finds = new Finds();
  let [extra, pictures] = [0, 0];
  for (let index = 0; index < count; index++) {
    const picture = portraitOf(random, random.int(1, 4));
    if (!picture) continue;
    const { observation } = await bench.call('DetectFaces', { image: 'image-0' }, [
      await rasterOf(picture, index),
    ]);
    const regions = observation['regions'] as Region[];
    const hits = picture.people.map(({ box }) => finds.add(regions, 'face', box)).filter(Boolean).length;
    extra += regions.length - hits;
    pictures++;
  }
  return {
    found: short(finds.scores.length / finds.shown),
    scoreMean: short(mean(finds.scores)),
    scoreSpread: short(deviation(finds.scores)),
    edgeSpread: finds.spread(),
    edgeShift: finds.shift(),
    falseFinds: short(extra / pictures),
  };
}

async function similarity(
  bench: ToolBench,
  random: Random,
  count: number,
): Promise<ImitationModel['similarity']> {
  const names = drawableNames();
  const [same, other]: [number[], number[]] = [[], []];
  for (let index = 0; index < count; index++) {
    const [first, second] = [
      objectsOf(random, random.sample(names, 3)),
      objectsOf(random, random.sample(names, 3)),
    ];
    if (!first || !second) continue;
    // Seen again: the same things on the same ground, another file.
    const rasters = [
      await rasterOf(first, index),
      await rasterOf(first, index + 1),
      await rasterOf(second, index),
    ];
    const input = { image: 'image-0', other_images: ['image-1', 'image-2'] };
    const { observation } = await bench.call('GetImageToImagesSimilarity', input, rasters);
    const [again, unlike] = observation['similarity'] as [number, number];
    same.push(again);
    other.push(unlike);
  }
  const row = (values: readonly number[]) => ({
    mean: short(mean(values)),
    spread: short(deviation(values)),
  });
  return { same: row(same), other: row(other) };
}

const NO_CAPTIONS: ImitationModel['captions'] = {
  right: 0.7,
  fits: { mean: 0.3, spread: 0.08 },
  other: { mean: 0.2, spread: 0.08 },
  measured: false,
};

async function captions(
  bench: ToolBench,
  random: Random,
  count: number,
): Promise<ImitationModel['captions']> {
  if (!bench.has('GetImageToTextsSimilarity')) return NO_CAPTIONS;
  const names = drawableNames();
  const [fits, other]: [number[], number[]] = [[], []];
  let right = 0;
  for (let index = 0; index < count; index++) {
    const chosen = random.sample(names, 6);
    const picture = objectsOf(random, chosen.slice(0, 2));
    if (!picture) continue;
    const texts = [0, 2, 4].map((at) => `a ${chosen[at]} and a ${chosen[at + 1]}`);
    const raster = await rasterOf(picture, index);
    const { observation } = await bench.call('GetImageToTextsSimilarity', { image: 'image-0', texts }, [
      raster,
    ]);
    const [own = 0, ...rest] = observation['similarity'] as number[];
    fits.push(own);
    other.push(...rest);
    right += observation['best_text_index'] === 0 ? 1 : 0;
  }
  const row = (values: readonly number[]) => ({
    mean: short(mean(values)),
    spread: short(deviation(values)),
  });
  return { right: short(right / fits.length), fits: row(fits), other: row(other), measured: true };
}

/** Until a model of depth is there: a deviation of half a unit. */
const GUESS: ImitationModel['depth'] = { spread: 0.5, slope: 1, offset: 0, order: 1, measured: false };

async function depth(bench: ToolBench, random: Random, count: number): Promise<ImitationModel['depth']> {
  if (!bench.has('EstimateRegionDepth')) return GUESS;
  const pairs: { readonly real: number; readonly told: number }[] = [];
  let [right, compared] = [0, 0];
  for (let index = 0; index < count; index++) {
    const seen = spaceOf(random, 3);
    if (!seen) continue;
    const raster = await rasterOf(seen.space, index);
    const own: { real: number; told: number }[] = [];
    for (const [at, box] of seen.boxes.entries()) {
      const bbox = boxAround((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
      const { observation } = await bench.call('EstimateRegionDepth', { image: 'image-0', bbox }, [raster]);
      own.push({
        real: trueDepth(seen.distances[at] ?? 1, seen.nearest),
        told: observation['depth'] as number,
      });
    }
    for (const [at, one] of own.entries())
      for (const two of own.slice(at + 1)) {
        compared++;
        right += Math.sign(one.real - two.real) === Math.sign(one.told - two.told) ? 1 : 0;
      }
    pairs.push(...own);
  }
  const [x, y] = [mean(pairs.map(({ real }) => real)), mean(pairs.map(({ told }) => told))];
  const slope =
    pairs.reduce((sum, { real, told }) => sum + (real - x) * (told - y), 0) /
    pairs.reduce((sum, { real }) => sum + (real - x) ** 2, 0);
  const rest = pairs.map(({ real, told }) => told - (y + slope * (real - x)));
  return {
    spread: short(deviation(rest)),
    slope: short(slope),
    offset: short(y - slope * x),
    order: short(right / compared),
    measured: true,
  };
}

/** Each part of the model, and the share of the pictures that it takes. */
const parts = {
  objects: { measure: objects, share: 1 },
  faces: { measure: faces, share: 1 / 6 },
  similarity: { measure: similarity, share: 1 / 10 },
  captions: { measure: captions, share: 1 / 5 },
  depth: { measure: depth, share: 1 / 10 },
} as const satisfies Record<keyof ImitationModel, unknown>;

/** `only`: parts that are measured anew; the others keep what is known of them. */
async function main(count: number, only: readonly string[]): Promise<void> {
  const bench = await openToolBench();
  const known: Record<string, unknown> = JSON.parse(await readFile(modelFile, 'utf8').catch(() => '{}'));
  for (const [index, name] of (Object.keys(parts) as (keyof typeof parts)[]).entries()) {
    if (only.length > 0 && !only.includes(name)) continue;
    const { measure, share } = parts[name];
    known[name] = await measure(bench, randomOf(SEED + index), Math.ceil(count * share));
  }
  await writeFile(modelFile, `${JSON.stringify(known, null, 1)}\n`);
  await writeFile(new URL('README.md', import.meta.url), readmeOf(known as ImitationModel, count));
}

const [pictures = '600', ...only] = process.argv.slice(2);
await main(Number(pictures), only);
process.exit(0);
