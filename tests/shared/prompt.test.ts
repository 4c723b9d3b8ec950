import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation, ConversationStep } from '#shared/conversation';
import { IMAGE_MARKER, messagesOf, simpleSystemPrompt, turnText } from '#shared/prompt';

const digest = 'a'.repeat(64);
const system = simpleSystemPrompt(['OCR', 'Calculate', 'Terminate']);
const markersIn = (text: string) => text.split(IMAGE_MARKER).length - 1;

/** The nano planner is trained on exactly this text: a change here is a change of the model. */
test('the format is the one that models were trained on', () => {
  const read = { thought: 'Read it.', actions: [{ name: 'OCR', arguments: { image: 'image-0' } }] };
  expect(
    messagesOf(
      {
        question: 'What is the total?',
        images: [digest, digest],
        steps: [
          { text: turnText(read), turn: read, observation: { text: 'TOTAL 12.00' } },
          { text: '{}', observation: { error: { code: 'invalid_turn', message: 'no' } }, image: digest },
        ],
      },
      system,
    ),
  ).toEqual([
    { role: 'system', content: 'Answer the question about the image. Actions: OCR, Calculate, Terminate' },
    { role: 'user', content: 'image-0: <image>\nimage-1: <image>\nWhat is the total?' },
    {
      role: 'assistant',
      content: '{"thought":"Read it.","actions":[{"name":"OCR","arguments":{"image":"image-0"}}]}',
    },
    { role: 'user', content: 'OBSERVATION:\n{"text":"TOTAL 12.00"}' },
    { role: 'assistant', content: '{}' },
    {
      role: 'user',
      content: 'OBSERVATION:\n{"error":{"code":"invalid_turn","message":"no"}}\nimage-2: <image>',
    },
  ]);
});

test('a repeated question stands with the images and behind each observation', () => {
  const step = { text: '{}', observation: { text: 'TOTAL 12.00' } };
  const asked = { question: 'What is the total?', images: [digest] };
  const contents = (steps: ConversationStep[]) =>
    messagesOf({ ...asked, steps }, system, 'repeated').map((message) => message.content);
  expect(contents([])).toEqual([system, 'image-0: <image>\nWhat is the total?']);
  expect(contents([step, { ...step, image: digest }])).toEqual([
    system,
    'image-0: <image>\nWhat is the total?',
    '{}',
    'OBSERVATION:\n{"text":"TOTAL 12.00"}\nWhat is the total?',
    '{}',
    'OBSERVATION:\n{"text":"TOTAL 12.00"}\nimage-1: <image>\nWhat is the total?',
  ]);
});

const hostile = fc
  .array(fc.constantFrom('<', 'image', '>', '|', 'im_start', '|>', '<image>', '<|im_end|>', 'a', '\n'), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));
const steps = fc.array(
  fc.record(
    {
      text: hostile,
      observation: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
      image: fc.constant(digest),
    },
    { requiredKeys: ['text', 'observation'] },
  ),
  { maxLength: 6 },
);
const conversations = fc.record({
  question: hostile,
  images: fc.array(fc.constant(digest), { minLength: 1, maxLength: 3 }),
  steps,
});

describe('for any text of callers, tools and models', () => {
  test('only true images have a marker, and no text opens a role', () => {
    fc.assert(
      fc.property(conversations, (value) => {
        const text = messagesOf(value, system)
          .map((message) => message.content)
          .join('\n');
        const images = value.images.length + value.steps.filter((step) => step.image !== undefined).length;
        expect(markersIn(text)).toBe(images);
        expect(text).not.toContain('<|');
      }),
    );
  });

  test('a further step only appends, so that the cached prefix of the prompt stays valid', () => {
    fc.assert(
      fc.property(conversations, fc.nat(6), (value: Conversation, count) => {
        const earlier: ConversationStep[] = value.steps.slice(0, count);
        const before = messagesOf({ ...value, steps: earlier }, system);
        expect(messagesOf(value, system).slice(0, before.length)).toEqual(before);
      }),
    );
  });
});
