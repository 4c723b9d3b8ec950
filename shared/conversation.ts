/**
 * A run as the planner sees it: the request, then turns and observations.
 * Images are named by position (image-0 ...) and identified by the SHA-256 of their bytes.
 */
import * as z from 'zod';
import {
  IMAGES_IN_CONVERSATION_MAX,
  OBSERVATION_CHARS_MAX,
  QUESTION_CHARS_MAX,
  STEPS_MAX,
} from './limits.ts';
import { turn } from './turn.ts';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 digest in lower-case hex');

export const observation = z.record(z.string(), z.json());
export type Observation = z.infer<typeof observation>;

export const conversationStep = z.strictObject({
  /** The turn as the model wrote it, which is what it must read again. */
  text: z.string(),
  turn: turn.optional(),
  /** What the planner reads: the planner fields of the tool's observation, or a tool error. */
  observation,
  /** Digest of the image that this step added, if any; it takes the next image number. */
  image: sha256.optional(),
});
export type ConversationStep = z.infer<typeof conversationStep>;

export const conversation = z.strictObject({
  question: z.string().min(1).max(QUESTION_CHARS_MAX),
  images: z.array(sha256).min(1).max(IMAGES_IN_CONVERSATION_MAX),
  steps: z.array(conversationStep).max(STEPS_MAX),
});
export type Conversation = z.infer<typeof conversation>;

/** All images of a conversation in the order of their numbers. */
export function imagesOf(value: Conversation): string[] {
  return [...value.images, ...value.steps.flatMap((step) => step.image ?? [])];
}

/** Position of `image-3` among `count` images, or undefined when there is no such image. */
export function imageIndex(name: string, count: number): number | undefined {
  const match = /^image-(\d{1,3})$/.exec(name);
  const index = match ? Number(match[1]) : Number.NaN;
  return index < count ? index : undefined;
}

/** Room for `"truncated":true` and for the escape of a character pair that a cut takes apart. */
const TRUNCATION_CHARS = 32;

/** Cuts the longest string of an observation so that its JSON stays within the planner's bound. */
export function boundObservation(value: Observation): Observation {
  const excess = JSON.stringify(value).length - OBSERVATION_CHARS_MAX;
  if (excess <= 0) return value;
  const [key, longest] = Object.entries(value).reduce<[string, string]>(
    (best, [name, item]) => (typeof item === 'string' && item.length > best[1].length ? [name, item] : best),
    ['', ''],
  );
  const kept = longest.length - excess - TRUNCATION_CHARS;
  if (kept > 0) return { ...value, [key]: longest.slice(0, kept), truncated: true };
  return {
    error: {
      code: 'observation_too_large',
      message: `the observation exceeds ${OBSERVATION_CHARS_MAX} characters`,
    },
  };
}
