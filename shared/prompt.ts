/**
 * What the planner reads: a conversation as chat messages. The training programs and the
 * engine both call this, so a model is served exactly what it was trained on.
 *
 * Text of callers and tools is data: it can neither open an image nor a role, because the
 * markers of both are defused here.
 */
import { boundObservation, type Conversation } from './conversation.ts';
import type { Turn } from './turn.ts';

export type Message = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

/** Stands in a message where the pixels of an image go. */
export const IMAGE_MARKER = '<image>';

/** The turn as we train, store and serve it: JSON without white space. */
export function turnText(turn: Turn): string {
  return JSON.stringify({ thought: turn.thought, actions: turn.actions });
}

/**
 * Where the question stands. `first`: with the images, as in the reference. `repeated`: behind each
 * observation, too. A small model finds what it is asked for far better in what it has already read
 * (docs/decisions/0044-question-repeated.md).
 */
export const questionPlaces = ['first', 'repeated'] as const;
export type QuestionPlace = (typeof questionPlaces)[number];

/**
 * The messages of a conversation, `system` first. Messages only ever get appended as a run goes on, so
 * the KV cache of one step is a prefix of the next step's prompt.
 */
export function messagesOf(
  conversation: Conversation,
  system: string,
  place: QuestionPlace = 'first',
): Message[] {
  const { question, steps } = conversation;
  const request = conversation.images.map((_, index) => `image-${index}: ${IMAGE_MARKER}\n`).join('');
  const asked = defuse(question);
  const reminder = place === 'repeated' ? `\n${asked}` : '';
  let images = conversation.images.length;
  const turns = steps.flatMap((step): Message[] => {
    const shown = step.image === undefined ? '' : `\nimage-${images++}: ${IMAGE_MARKER}`;
    const text = JSON.stringify(boundObservation(step.observation));
    return [
      { role: 'assistant', content: defuse(step.text) },
      { role: 'user', content: `OBSERVATION:\n${defuse(text)}${shown}${reminder}` },
    ];
  });
  return [{ role: 'system', content: system }, { role: 'user', content: request + asked }, ...turns];
}

/** The short system prompt: goal and action names. It is what the nano planner is trained with. */
export function simpleSystemPrompt(tools: readonly string[]): string {
  return `Answer the question about the image. Actions: ${tools.join(', ')}`;
}

function defuse(text: string): string {
  return text.replaceAll(IMAGE_MARKER, '< image>').replaceAll('<|', '< |');
}
