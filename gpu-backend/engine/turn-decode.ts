/** Decodes one turn: passes of the model, forced tokens, and drafts that one pass verifies. */
import type { SequenceDecoder } from './decoder.ts';
import { type DraftLength, lookUp } from './drafts.ts';
import { DECODE_TOKENS_MAX } from './pass-plan.ts';
import type { TurnWriter } from './turn-writer.ts';

export type TurnDecode = {
  readonly decoder: SequenceDecoder;
  readonly writer: TurnWriter;
  /** Ids of the prompt, which drafts are looked up in. */
  readonly prompt: readonly number[];
  /** Logits after the prompt. */
  readonly first: Float32Array;
  /** How many sequences are decoded at the moment. */
  readonly rows: () => number;
  readonly drafts: Pick<DraftLength, 'next' | 'learn'>;
  /** Called with each piece of the turn as it is written; pieces are whole characters. */
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Writes the whole turn. The decoder's sequence then holds the prompt and some of the turn's first tokens. */
export async function decodeTurn(turn: TurnDecode): Promise<void> {
  const { decoder, writer, drafts, signal } = turn;
  const text = new TextDecoder();
  const emit = (tokens: readonly number[]): void => {
    const piece = text.decode(writer.bytesOf(tokens), { stream: true });
    if (piece !== '') turn.onText(piece);
  };
  let draft: readonly number[] = [];
  let logits: readonly Float32Array[] = [turn.first];
  for (;;) {
    signal.throwIfAborted();
    const { accepted, next } = verify(writer, logits, draft, emit);
    drafts.learn(draft.length, accepted);
    decoder.sequence.truncate(decoder.sequence.length - draft.length + accepted);
    if (writer.isDone) return;
    const room = Math.min(drafts.next(turn.rows()), DECODE_TOKENS_MAX - next.length);
    draft = writer.permitted(lookUp([...turn.prompt, ...writer.tokens], Math.max(0, room)));
    logits = await decoder.appendKeeping([...next, ...draft], draft.length + 1);
  }
}

/**
 * Writes on with the logits after the last token and after each drafted one, for as long as what is written
 * is what was drafted. `next` was written and is not in the sequence yet.
 */
function verify(
  writer: TurnWriter,
  logits: readonly Float32Array[],
  draft: readonly number[],
  emit: (tokens: readonly number[]) => void,
): { readonly accepted: number; readonly next: readonly number[] } {
  let accepted = 0;
  for (;;) {
    const written = writer.write(logits[accepted] as Float32Array);
    emit(written);
    let same = 0;
    while (same < written.length && accepted < draft.length && draft[accepted] === written[same]) {
      same++;
      accepted++;
    }
    if (writer.isDone || same < written.length) return { accepted, next: written.slice(same) };
  }
}
