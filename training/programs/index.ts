/** Every program beyond text in one picture, by weight. */
import type { Random } from '../random.ts';
import type { Draft, Program } from './chain.ts';
import { chartProgram } from './charts.ts';
import { depthPrograms } from './depth.ts';
import { facePrograms } from './faces.ts';
import { knowledgePrograms } from './knowledge.ts';
import { lookPrograms } from './looks.ts';
import { mendPrograms } from './mends.ts';
import { objectPrograms } from './objects.ts';
import { placePrograms } from './places.ts';
import { plainPrograms } from './plain.ts';
import { severalPrograms } from './several.ts';

const prefixed = <Row>(group: string, rows: Readonly<Record<string, Row>>): [string, Row][] =>
  Object.entries(rows).map(([name, row]) => [`${group}.${name}`, row]);

const programs: ReadonlyMap<string, Program> = new Map([
  ['charts.chart', chartProgram] as const,
  ...prefixed('objects', objectPrograms),
  ...prefixed('objects', placePrograms),
  ...prefixed('depth', depthPrograms),
  ...prefixed('faces', facePrograms),
  ...prefixed('looks', lookPrograms),
  ...prefixed('several', severalPrograms),
  ...prefixed('knowledge', knowledgePrograms),
  ...prefixed('plain', plainPrograms),
  ...prefixed('mends', mendPrograms),
]);

export const programNames: readonly string[] = [...programs.keys()];

/** Of all drafts; what a program gives up is tried again with the same one. */
const weights: Readonly<Record<string, number>> = {
  'charts.chart': 20,
  'objects.counting': 9,
  'objects.existing': 6,
  'objects.listing': 4,
  'objects.relating': 9,
  'objects.ranking': 4,
  'objects.sizing': 4,
  'objects.nearing': 3,
  'objects.cornering': 3,
  'depth.points': 7,
  'depth.boxes': 3,
  'depth.named': 6,
  'faces.counting': 5,
  'looks.pricing': 6,
  'looks.smallPrints': 6,
  'several.which': 5,
  'several.counting': 5,
  'several.similar': 4,
  'several.captions': 4,
  'several.receipts': 7,
  'several.shared': 3,
  'knowledge.documents': 6,
  'knowledge.models': 3,
  'plain.counted': 2,
  'plain.sums': 3,
  'plain.unknown': 8,
  'mends.renamed': 3,
  'mends.wrongImage': 2,
  'mends.wrongExpression': 2,
};

/** A hard program, such as counting with a detector that misses things, gives up most of its tries. */
const ATTEMPTS_MAX = 300;

/** Throws where a program never gives anything: then it is broken. */
export function draftOf(random: Random, name: string = random.weighted(weights)): Draft {
  const program = programs.get(name);
  if (!program) throw new RangeError(`expected a program (${programNames.join(', ')}), got ${name}`);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const draft = program(random);
    if (draft) return draft;
  }
  throw new Error(`${name}: ${ATTEMPTS_MAX} attempts gave nothing`);
}
