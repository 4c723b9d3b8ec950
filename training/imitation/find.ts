/** LocalizeObjects, GetObjects and DetectFaces as the embedded models answer, without drawing or looking. */
import { observedBox, roundTo2 } from '#backend/tools/boxes';
import { distinct } from '#backend/tools/found-regions';
import type { Bounds, Objects, Portrait, Thing } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { gaussian, imitationModel } from './model.ts';

export type Region = {
  readonly label: string;
  readonly bbox: [number, number, number, number];
  readonly score: number;
};

/** Names that the real detector finds often enough to reason with; those who asked for others learn nothing. */
const OFTEN = 0.6;

let known: readonly string[] | undefined;

export function wellKnownNames(): readonly string[] {
  known ??= Object.entries(imitationModel().objects.names)
    .filter(([, { found, shown }]) => shown > 0 && found >= OFTEN)
    .map(([name]) => name);
  return known;
}

const SCORE_MIN = 0.17;
const clampScore = (score: number): number => roundTo2(Math.min(0.99, Math.max(SCORE_MIN, score)));

function nearBox(
  box: Bounds,
  shift: readonly number[],
  spread: number,
  random: Random,
): [number, number, number, number] {
  const [left, top, right, bottom] = box.map(
    (edge, index) => edge + (shift[index] ?? 0) + spread * gaussian(random),
  );
  return observedBox([left ?? 0, top ?? 0, right ?? 1, bottom ?? 1]);
}

/** Best first, as the tool gives them. `names`: each with the names of the vocabulary that it stands for. */
export function localized(
  { things }: Pick<Objects, 'things'>,
  names: readonly { readonly asked: string; readonly stands: readonly string[] }[],
  random: Random,
): Region[] {
  const { objects } = imitationModel();
  const found: { name: string; bbox: Region['bbox']; score: number }[] = [];
  for (const thing of things) {
    const wish = names.find(({ stands }) => stands.includes(thing.name));
    const rate = objects.names[thing.name];
    if (!wish || !rate || !random.chance(rate.found)) continue;
    found.push({
      name: wish.asked,
      bbox: nearBox(thing.box, objects.edgeShift, objects.edgeSpread, random),
      score: clampScore(rate.score + objects.scoreSpread * gaussian(random)),
    });
  }
  return labelled(found);
}

function labelled(found: readonly { name: string; bbox: Region['bbox']; score: number }[]): Region[] {
  const best = found.toSorted((a, b) => b.score - a.score);
  const labels = distinct(best.map(({ name }) => name));
  return best.map(({ bbox, score }, index) => ({ label: labels[index] as string, bbox, score }));
}

/** Names, surest first; only clear finds are named. */
export function listed({ things }: { readonly things: readonly Thing[] }, random: Random): string[] {
  const { objects } = imitationModel();
  const rates = new Map(things.map(({ name }) => [name, objects.names[name]]));
  return [...rates]
    .flatMap(([name, rate]) => {
      const sure = rate && random.chance(rate.found) && random.chance(objects.listed);
      return sure ? [{ name, score: rate.score + objects.scoreSpread * gaussian(random) }] : [];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ name }) => name);
}

export function facesFound({ people }: Pick<Portrait, 'people'>, random: Random): Region[] {
  const { faces } = imitationModel();
  return labelled(
    people
      .filter(() => random.chance(faces.found))
      .map(({ box }) => ({
        name: 'face',
        bbox: nearBox(box, faces.edgeShift, faces.edgeSpread, random),
        score: clampScore(faces.scoreMean + faces.scoreSpread * gaussian(random)),
      })),
  );
}
