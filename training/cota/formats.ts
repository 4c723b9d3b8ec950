/**
 * Traces as trainers read them. All hold exactly the text that the engine serves (`shared/prompt.ts`, the
 * question with the images), so that a base which was fine-tuned with its own trainer meets what it learnt.
 * LLaVA and Mantis have no system role: there its text opens the first user message.
 */
import { type Message, messagesOf, type QuestionPlace, simpleSystemPrompt, turnText } from '#shared/prompt';
import { advertisedToolSpecs, toolSpec } from '#shared/tools/index';
import { randomOf, seedOfText } from '../random.ts';
import { type CotaTrace, toolsOf } from './trace.ts';

export type Example = {
  readonly trace: CotaTrace;
  /** Paths of all images, in the order of their numbers. */
  readonly images: readonly string[];
};

/** One value, written as one line. */
export type Format = (example: Example) => unknown;

const toolNames: readonly string[] = advertisedToolSpecs.map(({ name }) => name);
/** Stands for the digests: the text of a message does not depend on them. */
const DIGEST = '0'.repeat(64);

/** `system` first; the last message is the turn that terminates. */
export function messagesOfTrace(
  { question, images, steps }: CotaTrace,
  tools: readonly string[] = toolNames,
  place: QuestionPlace = 'first',
): Message[] {
  const conversation = {
    question,
    images: images.map(() => DIGEST),
    steps: steps.map(({ turn, observation = {}, image }) => {
      const fields = toolSpec(turn.actions[0]?.name ?? '')?.plannerFields;
      const read = fields && !('error' in observation) ? only(observation, fields) : observation;
      return { text: turnText(turn), turn, observation: read, ...(image ? { image: DIGEST } : {}) };
    }),
  };
  // What would follow Terminate is never read.
  return messagesOf(conversation, simpleSystemPrompt(tools), place).slice(0, -1);
}

const only = <Value>(
  record: Readonly<Record<string, Value>>,
  fields: readonly string[],
): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => fields.includes(name)));

/** An example lists every action, or what a service without a language model has, or what it uses and some more. */
const LISTINGS = { all: 5, usual: 4, some: 1 } as const;

/** The actions that an example lists. Without tools `Terminate` alone, so that forms can be told apart. */
function listingOf(trace: CotaTrace): readonly string[] {
  if (trace.form !== 'cota') return ['Terminate'];
  const random = randomOf(seedOfText(trace.id));
  const listing = random.weighted(LISTINGS);
  if (listing === 'all') return toolNames;
  const used = new Set([...toolsOf(trace), 'Terminate']);
  return toolNames.filter(
    (name) => used.has(name) || (listing === 'usual' ? name !== 'QueryLanguageModel' : random.chance(0.4)),
  );
}

function withoutSystemRole(trace: CotaTrace): Message[] {
  const [first, second, ...rest] = messagesOfTrace(trace);
  if (!first || !second) return [];
  return [{ role: 'user', content: `${first.content}\n${second.content}` }, ...rest];
}

export const formats = {
  ours: ({ trace, images }) => {
    const files = images.map((path) => ({ type: 'file', path }) as const);
    const made = files.slice(trace.images.length);
    return {
      ...trace,
      images: files.slice(0, trace.images.length),
      steps: trace.steps.map((step) => (step.image ? { ...step, image: made.shift() } : step)),
    };
  },
  /** For `training/planner/train.py`. `types` has one name for each question. */
  planner: ({ trace }) => ({
    id: trace.id,
    source: trace.source,
    types: [trace.type],
    messages: messagesOfTrace(trace, listingOf(trace), 'repeated').map(({ role, content }) => [
      role,
      content,
    ]),
  }),
  chat: ({ trace, images }) => ({ id: trace.id, images, messages: messagesOfTrace(trace) }),
  llava: ({ trace, images }) => ({
    sample_id: trace.id,
    image: images.length === 1 ? images[0] : images,
    conversations: withoutSystemRole(trace).map(({ role, content }) => ({
      from: role === 'assistant' ? 'gpt' : 'human',
      value: content,
    })),
  }),
  mantis: ({ trace, images }) => ({
    id: trace.id,
    images,
    conversation: withoutSystemRole(trace),
    metadata: { source: trace.source, type: trace.type, form: trace.form },
  }),
} as const satisfies Record<string, Format>;
export type FormatName = keyof typeof formats;
