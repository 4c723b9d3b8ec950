/** Every kind of scene, by weight. */
import type { Random } from '../random.ts';
import { equation } from './equations.ts';
import { menu, receipt } from './purchases.ts';
import type { LabelledScene } from './scene.ts';
import { openingHours, sign } from './signs.ts';
import { departures, table } from './tables.ts';

export const sceneMakers = {
  receipt,
  menu,
  sign,
  openingHours,
  table,
  departures,
  equation,
  blank: (random: Random): LabelledScene => ({
    scene: { kind: random.pick(['blank']), rows: [] },
    facts: { type: 'blank' },
  }),
} as const satisfies Record<string, (random: Random) => LabelledScene>;
export type SceneMaker = keyof typeof sceneMakers;

export const sceneWeights: Readonly<Record<SceneMaker, number>> = {
  receipt: 26,
  menu: 16,
  sign: 22,
  openingHours: 12,
  table: 44,
  departures: 12,
  equation: 20,
  blank: 8,
};

export function sceneOf(maker: SceneMaker, random: Random): LabelledScene {
  return sceneMakers[maker](random);
}
