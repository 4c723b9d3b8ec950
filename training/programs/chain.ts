/** What programs build traces with: a chain of calls, each with what the tool says. */
import { calculateHandler } from '#edge/tools/calculate';
import type { Observation } from '#shared/conversation';
import type { Turn } from '#shared/turn';
import type { CotaStep, CotaTrace, ImageSource, MadeImage } from '../cota/trace.ts';
import type { Region } from '../imitation/find.ts';
import type { Random } from '../random.ts';
import type { Row } from '../scenes/scene.ts';
import { observe } from '../traces/observed.ts';
import { asTyped, type Slots, word } from '../traces/wording.ts';
import { spoken } from './wordings/spoken.ts';

/** A trace without its number. */
export type Draft = Omit<CotaTrace, 'id' | 'form'>;

/** Undefined where what the tools say does not carry the answer, or the scene has nothing to ask. */
export type Program = (random: Random) => Draft | undefined;

type Arguments = Turn['actions'][number]['arguments'];

export class Chain {
  readonly #images: readonly ImageSource[];
  readonly #steps: CotaStep[] = [];
  #count: number;

  constructor(images: readonly ImageSource[]) {
    this.#images = images;
    this.#count = images.length;
  }

  /** Gives the number of the image that the tool made, or of the next one. */
  call(thought: string, name: string, input: Arguments, observation: Observation, image?: MadeImage): number {
    const turn = { thought, actions: [{ name, arguments: input }] };
    this.#steps.push({ turn, observation, ...(image ? { image } : {}) });
    return image ? this.#count++ : this.#count;
  }

  /** Looks for things; the tool's drawing takes an image number, as in a run. */
  localize(
    thought: string,
    of: number,
    objects: readonly string[],
    regions: readonly Region[],
    note?: string,
  ): void {
    const input = { image: `image-${of}`, objects: [...objects] };
    const observation = {
      regions: regions.map((region) => ({ ...region })),
      ...(note === undefined ? {} : { note }),
    };
    this.call(thought, 'LocalizeObjects', input, observation, boxesOn(of, regions));
  }

  /** Cuts out and enlarges; gives the number of the new image. */
  zoom(thought: string, of: number, bbox: [number, number, number, number], factor: number): number {
    const input = { image: `image-${of}`, bbox, zoom_factor: factor };
    const made = { type: 'cut', of, bbox, zoom: factor } as const;
    return this.call(thought, 'ZoomIn', input, { bbox: withMargin(bbox), zoom_factor: factor }, made);
  }

  crop(thought: string, of: number, bbox: [number, number, number, number]): number {
    return this.call(
      thought,
      'Crop',
      { image: `image-${of}`, bbox },
      { bbox: withMargin(bbox) },
      { type: 'cut', of, bbox },
    );
  }

  read(thought: string, of: number, text: string): void {
    this.call(thought, 'OCR', { image: `image-${of}` }, { text });
  }

  /** By the tool that runs in production. Throws where the program writes what it refuses. */
  calculate(thought: string, expression: string): number {
    const observation = calculateHandler({ expression });
    if (!('result' in observation))
      throw new Error(`the trace computes "${expression}": ${JSON.stringify(observation)}`);
    this.call(thought, 'Calculate', { expression }, { result: observation.result });
    return observation.result;
  }

  end(rest: Omit<Draft, 'images' | 'steps'>, thought: string, answer: string): Draft {
    const turn = { thought, actions: [{ name: 'Terminate', arguments: { answer } }] };
    return { ...rest, images: [...this.#images], steps: [...this.#steps, { turn }] };
  }
}

/** Crop and ZoomIn show a quarter of the box more on each side, within the image. */
function withMargin([left, top, right, bottom]: readonly [number, number, number, number]): number[] {
  const [x, y] = [(right - left) / 4, (bottom - top) / 4];
  return [left - x, top - y, right + x, bottom + y].map(
    (edge) => Math.round(Math.min(1, Math.max(0, edge)) * 10_000) / 10_000,
  );
}

export const boxesOn = (of: number, regions: readonly Region[]): MadeImage => ({
  type: 'boxes',
  of,
  regions: regions.map(({ label, bbox }) => ({ label, bbox })),
});

/** A question in one of its wordings, as people type it. Names keep their letters. */
export function ask(random: Random, wordings: readonly string[], slots: Slots = {}): string {
  const question = spoken(word(random.pick(wordings), slots, random), random);
  return asTyped(
    question,
    random,
    Object.values(slots).flatMap((name) => lettersOf(name, question)),
  );
}

/** What must keep its letters: a name, or a mark of one letter with what follows it, for a letter alone stands in words, too. */
function lettersOf(name: string, question: string): string[] {
  if (name.length !== 1) return [name];
  return question.match(new RegExp(`\\b${name}\\b.{1,9}`)) ?? [];
}

/** What the OCR makes of printed rows. */
export const readRows = (rows: readonly Row[], random: Random) => observe({ kind: 'table', rows }, random);

export const seedOf = (random: Random): number => random.int(0, 2 ** 31 - 1);

export const pictureSource = (
  picture: Extract<ImageSource, { type: 'picture' }>['picture'],
  random: Random,
): ImageSource => ({ type: 'picture', picture, seed: seedOf(random), split: 'train' });

export const number = (value: number): Draft['truth'] => ({ type: 'number', value });
export const text = (...values: [string, ...string[]]): Draft['truth'] => ({ type: 'text', values });
