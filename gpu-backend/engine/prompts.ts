/** The prompt of a step as the model reads it: token ids, with the images where their features go. */
import * as z from 'zod';
import { type ImageLayout, plainLayout } from '#backend/models/vision-language';
import { type Conversation, imagesOf, type Observation } from '#shared/conversation';
import {
  IMAGE_MARKER,
  type Message,
  messagesOf,
  type QuestionPlace,
  simpleSystemPrompt,
  turnText,
} from '#shared/prompt';
import type { ToolSpec } from '#shared/tool';
import { toolSpec } from '#shared/tools/index';
import { parseTurn } from '#shared/turn';
import type { TextCodec } from './tokenizer.ts';

export type Prompt = {
  /** Every feature row of an image is one image token. */
  readonly ids: readonly number[];
  /** Digests in the order of their places. */
  readonly images: readonly string[];
  /** What each image stands for, where they differ. */
  readonly layouts?: readonly ImageLayout[];
};

/** Which system prompt a model was trained with. */
export const systemPrompts = {
  simple: simpleSystemPrompt,
  full: fullSystemPrompt,
} as const satisfies Record<string, (tools: readonly string[]) => string>;
export type SystemPromptName = keyof typeof systemPrompts;

export type PromptShape = {
  readonly codec: TextCodec;
  readonly imageToken: number;
  /** Feature rows of an image of which no layout is given. */
  readonly imageTokens?: number | undefined;
  /** What stands for image number {n}, counted from 1: IMAGE_MARKER, and what the model has around it. */
  readonly imageText?: string;
  readonly system: SystemPromptName;
  readonly question: QuestionPlace;
};

/**
 * Characters that an observation and an earlier thought may have in the prompt; the next bounds are taken
 * where the last ones were too long. Thoughts come last: what they hold is what the planner worked out.
 */
const BOUNDS: readonly { readonly observation: number; readonly thought: number }[] = [
  ...[Number.POSITIVE_INFINITY, 8_000, 4_000, 2_000, 1_000, 500, 250].map((observation) => ({
    observation,
    thought: Number.POSITIVE_INFINITY,
  })),
  { observation: 250, thought: 300 },
  { observation: 250, thought: 60 },
];

/**
 * Tokenises the whole conversation from its text, always: what is cached plays no part in it. Long
 * observations, then long thoughts of earlier steps, are cut, all by the same bound, until the prompt has
 * at most `tokensMax` ids; where that is not enough the prompt stays longer.
 */
export function promptOf(
  conversation: Conversation,
  tools: readonly string[],
  shape: PromptShape,
  tokensMax: number,
  layouts: readonly ImageLayout[] = [],
): Prompt {
  const system = systemPrompts[shape.system](tools);
  const images = imagesOf(conversation);
  let ids: number[] = [];
  for (const bound of BOUNDS) {
    const steps = conversation.steps.map((step) => ({
      ...step,
      text: withShortThought(step.text, bound.thought),
      observation: shortened(step.observation, bound.observation),
    }));
    ids = encodeMessages(messagesOf({ ...conversation, steps }, system, shape.question), shape, layouts);
    if (ids.length <= tokensMax) break;
  }
  return { ids, images, ...(layouts.length > 0 ? { layouts } : {}) };
}

/** The observation with its longest text cut so that its JSON has about `chars` characters. */
function shortened(observation: Observation, chars: number): Observation {
  const excess = JSON.stringify(observation).length - chars;
  if (excess <= 0) return observation;
  const texts = Object.entries(observation).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const longest = texts.sort(([, a], [, b]) => b.length - a.length)[0];
  if (!longest) return observation;
  const [key, text] = longest;
  return { ...observation, [key]: text.slice(0, Math.max(text.length - excess, 0)), truncated: true };
}

/** A turn with its thought cut; a text that is no turn stays as it is. */
function withShortThought(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const parsed = parseTurn(text);
  if (!parsed.ok || parsed.turn.thought.length <= chars) return text;
  return turnText({ ...parsed.turn, thought: parsed.turn.thought.slice(0, chars) });
}

/** The ids of one question by itself, under a system text of its own. */
export function questionIds(question: string, system: string, shape: PromptShape): number[] {
  return encodeMessages(messagesOf({ question, images: [], steps: [] }, system), shape);
}

/** The ids of what every run with these tools begins with. */
export function systemIds(tools: readonly string[], shape: PromptShape): number[] {
  const text = shape.codec.render([{ role: 'system', content: systemPrompts[shape.system](tools) }]);
  return shape.codec.encode(text);
}

function encodeMessages(
  messages: readonly Message[],
  shape: PromptShape,
  layouts: readonly ImageLayout[] = [],
): number[] {
  const { codec, imageText = IMAGE_MARKER } = shape;
  let images = 0;
  const safe = messages.map(({ role, content }) => ({
    role,
    content: content
      .split(IMAGE_MARKER)
      .map((text) => withoutSpecials(text, codec.specials))
      .reduce((before, after) => before + imageText.replaceAll('{n}', String(++images)) + after),
  }));
  // A marker is a token by itself, so what is around it is split into tokens alone.
  return codec
    .render(safe)
    .split(IMAGE_MARKER)
    .flatMap((text, index) => [
      ...(index === 0 ? [] : imageIds(layouts[index - 1] ?? plainLayout(shape.imageTokens ?? 1), shape)),
      ...codec.encode(text),
    ]);
}

/** The ids of one image: every feature row is an image token. */
function imageIds({ pieces }: ImageLayout, { codec, imageToken }: PromptShape): number[] {
  return pieces.flatMap((piece) =>
    typeof piece === 'number' ? Array<number>(piece).fill(imageToken) : codec.encode(piece),
  );
}

/**
 * `messagesOf` defuses the markers that our own models have; a checkpoint may have others, such as
 * `</s>`. A blank inside keeps the words and takes the meaning.
 */
function withoutSpecials(text: string, specials: readonly string[]): string {
  return specials.reduce(
    (result, special) => result.replaceAll(special, `${special.slice(0, 1)} ${special.slice(1)}`),
    text,
  );
}

/** Leading items that two lists share. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  const difference = a.findIndex((item, index) => item !== b[index]);
  return difference === -1 ? a.length : difference;
}

/** Goal, every action with its arguments and examples, and the rules: for models that were not trained on ours. */
function fullSystemPrompt(tools: readonly string[]): string {
  const actions = tools.flatMap((name) => {
    const spec = toolSpec(name);
    return spec ? [actionListing(spec)] : [];
  });
  return [
    'You answer questions about images, one step at a time. In each step you write a thought and choose one action; its observation comes back, and you go on.',
    `Actions:\n\n${actions.join('\n\n')}`,
    'Write each step as one JSON object and nothing else: {"thought": "...", "actions": [{"name": "...", "arguments": {...}}]}',
    'Choose exactly one of the listed actions and give only its listed arguments. Images are named image-0, image-1 and so on; an action that makes an image adds the next name. Observations may be incomplete or wrong. When you know the answer, or cannot find it, choose Terminate.',
  ].join('\n\n');
}

function actionListing(spec: ToolSpec): string {
  const { properties = {}, required = [] } = z.toJSONSchema(spec.arguments, { io: 'input' });
  const listed = Object.entries(properties).map(([name, value]) => {
    const { type = 'value', description = '' } = typeof value === 'object' ? value : {};
    return `  ${name} (${type}${required.includes(name) ? '' : ', optional'}): ${description}`;
  });
  const examples = spec.examples.map(
    (example) => `  ${JSON.stringify({ name: spec.name, arguments: example.arguments })}`,
  );
  return [`${spec.name}: ${spec.description}`, 'Arguments:', ...listed, 'Examples:', ...examples].join('\n');
}
