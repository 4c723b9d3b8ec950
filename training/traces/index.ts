/** Conversations for training: a scene, its noisy reading, one or more problems on it. */
import type { Random } from '../random.ts';
import { type sceneMakers, sceneOf, sceneWeights } from '../scenes/index.ts';
import type { Facts, LabelledScene, Scene, SceneKind } from '../scenes/scene.ts';
import { equationProblem } from './equations.ts';
import { purchaseProblem } from './money.ts';
import { type Observed, observe } from './observed.ts';
import { blankProblem, fieldProblem, hoursProblem, readAllProblem, unsupportedProblem } from './reading.ts';
import { tableProblem } from './tables.ts';
import type { Problem } from './trace.ts';

export type Case = {
  readonly scene: Scene;
  readonly kind: SceneKind;
  readonly text: string;
  readonly problems: readonly Problem[];
};

function problemOf({ facts }: LabelledScene, seen: Observed, random: Random): Problem | undefined {
  if (facts.type !== 'blank' && random.chance(0.004)) return unsupportedProblem(random);
  return byFacts[facts.type](facts as never, seen, random);
}

/** One program for each type of facts. */
const byFacts: {
  [Type in Facts['type']]: (
    facts: Extract<Facts, { type: Type }>,
    seen: Observed,
    random: Random,
  ) => Problem | undefined;
} = {
  purchase: (facts, seen, random) =>
    random.chance(0.1) ? fieldProblem(facts.fields, seen, random) : purchaseProblem(facts, seen, random),
  sign: (facts, seen, random) => {
    if (facts.hours.length > 0 && random.chance(0.85)) return hoursProblem(facts.hours, seen, random);
    return random.chance(0.1) ? readAllProblem(seen, random) : fieldProblem(facts.fields, seen, random);
  },
  table: tableProblem,
  equation: equationProblem,
  blank: (_facts, _seen, random) => blankProblem(random),
};

/**
 * How many problems a reading is good for. A later one on the same table could copy the marks and rows
 * of the one before, and teach nothing of finding them.
 */
const most: Readonly<Record<Facts['type'], (random: Random) => number>> = {
  purchase: () => 6,
  sign: () => 6,
  table: (random) => random.int(1, 2),
  equation: () => 2,
  blank: () => 2,
};

/** A case with up to `count` problems; fewer where the scene has no more to ask. */
export function caseOf(random: Random, count: number): Case {
  const maker = random.weighted(sceneWeights) as keyof typeof sceneMakers;
  const labelled = sceneOf(maker, random);
  const seen = observe(labelled.scene, random);
  const problems: Problem[] = [];
  const wanted = Math.min(count, most[labelled.facts.type](random));
  for (let tries = 0; tries < wanted * 3 && problems.length < wanted; tries++) {
    const problem = problemOf(labelled, seen, random);
    if (
      problem &&
      problem.question.length < 200 &&
      !problems.some(
        (other) =>
          other.question === problem.question ||
          (other.type === problem.type && other.answer === problem.answer),
      )
    )
      problems.push(problem);
  }
  return { scene: labelled.scene, kind: labelled.scene.kind, text: seen.text, problems };
}
