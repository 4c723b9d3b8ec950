/** What a step must keep to, and what its text must be. */
import { ApiError } from '#shared/errors';
import { parseTurn } from '#shared/turn';
import type { TurnEvent } from './protocol.ts';

/** @throws ApiError `invalid_request` where prompt and turn do not fit into the model. */
export function checkLength(tokens: number, positions: number): void {
  if (tokens <= positions) return;
  throw new ApiError(
    'invalid_request',
    `The conversation and its turn need ${tokens} tokens, the planner reads ${positions}. Send fewer images or a shorter question.`,
  );
}

/** @throws ApiError `internal`: the grammar permits no text that does not parse. */
export function turnOf(text: string): Pick<TurnEvent, 'text' | 'turn'> {
  const parsed = parseTurn(text);
  if (!parsed.ok)
    throw new ApiError('internal', `The planner wrote a turn that does not parse: ${parsed.reason}`);
  return { text, turn: parsed.turn };
}

/** Features of an image are wanted, and neither they nor its pixels are here. */
export function missingImage(digest: string): ApiError {
  return new ApiError('images_missing', 'The planner needs images that it does not have.', {
    extra: { missing: [digest] },
  });
}
