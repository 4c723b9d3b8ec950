/** A history of messages as the question and the images of a run. Pure. */
import { invalidRequest } from '#edge/body';
import { IMAGES_PER_RUN_MAX, QUESTION_CHARS_MAX } from '#shared/limits';

/** Where an image stood in the request, for errors, and what stood there. */
export type ImageReference = {
  readonly url: string;
  readonly path: readonly PropertyKey[];
};

export type UserMessage = {
  readonly text: string;
  readonly images: readonly ImageReference[];
  readonly path: readonly PropertyKey[];
};

export type Question = { readonly question: string; readonly images: readonly ImageReference[] };

/**
 * The last user message asks; images of all user messages count, in their order, each once: chat
 * programs send the whole history again. @throws ApiError `invalid_request`
 */
export function questionOf(messages: readonly UserMessage[], root: string, imageHint: string): Question {
  const refuse = (path: readonly PropertyKey[], message: string) => invalidRequest([{ path, message }]);
  const last = messages.at(-1);
  if (!last) throw refuse([root], 'expected a user message with the question');
  const question = last.text.trim();
  if (question === '') throw refuse(last.path, 'expected a question as text in the last user message');
  if (question.length > QUESTION_CHARS_MAX) {
    throw refuse(
      last.path,
      `a question has at most ${QUESTION_CHARS_MAX} characters, this one has ${question.length}`,
    );
  }
  const byUrl = new Map<string, ImageReference>();
  for (const image of messages.flatMap((message) => message.images)) {
    if (!byUrl.has(image.url)) byUrl.set(image.url, image);
  }
  const images = [...byUrl.values()];
  if (images.length === 0) throw refuse([root], `expected an image to look at: ${imageHint}`);
  if (images.length > IMAGES_PER_RUN_MAX) {
    throw refuse(
      images[IMAGES_PER_RUN_MAX]?.path ?? [root],
      `at most ${IMAGES_PER_RUN_MAX} different images, the messages hold ${images.length}; leave out older ones`,
    );
  }
  return { question, images };
}
