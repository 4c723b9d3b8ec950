/** Decodes one turn: passes of the model, forced tokens, and drafts that one pass verifies. */
import type { SequenceDecoder } from './decoder.ts';
import { type Drafter, noDraft } from './drafts.ts';
import { DECODE_TOKENS_MAX } from './pass-plan.ts';
import type { TurnWriter } from './turn-writer.ts';

export type TurnDecode = {
  readonly decoder: Pick<SequenceDecoder, 'appendKeeping'> & {
    readonly sequence: Pick<SequenceDecoder['sequence'], 'length' | 'truncate'>;
  };
  readonly writer: TurnWriter;
  /** Ids of the prompt, which drafts are looked up in. */
  readonly prompt: readonly number[];
  /** Logits after the prompt. */
  readonly first: Float32Array;
  /** How many sequences are decoded at the moment. */
  readonly rows: () => number;
  readonly drafts: Pick<Drafter, 'propose' | 'verified' | 'learn'>;
  /** Whose turns drafts may be learnt from; undefined where that is not known. */
  readonly tenant: string | undefined;
  /** Called after each pass with what it has written, in whole characters. */
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Writes the whole turn. The decoder's sequence then holds the prompt and some of the turn's first tokens. */
export async function decodeTurn(turn: TurnDecode): Promise<void> {
  const { decoder, writer, drafts, tenant, signal } = turn;
  const text = new TextDecoder();
  const context = [...turn.prompt];
  const permitted = (tokens: readonly number[]): number[] => writer.permitted(tokens);
  let draft = noDraft;
  let logits: readonly Float32Array[] = [turn.first];
  for (;;) {
    signal.throwIfAborted();
    const before = writer.tokens.length;
    const { accepted, next } = verify(writer, logits, draft.tokens);
    const written = writer.tokens.slice(before);
    context.push(...written);
    const piece = text.decode(writer.bytesOf(written), { stream: true });
    if (piece !== '') turn.onText(piece);
    drafts.verified(draft, accepted);
    decoder.sequence.truncate(decoder.sequence.length - draft.tokens.length + accepted);
    if (writer.isDone) break;
    const countMax = DECODE_TOKENS_MAX - next.length;
    draft = drafts.propose({ tenant, context, rows: turn.rows(), countMax, permitted });
    logits = await decoder.appendKeeping([...next, ...draft.tokens], draft.tokens.length + 1);
  }
  drafts.learn(tenant, turn.prompt, writer.tokens);
}

/**
 * Writes on with the logits after the last token and after each drafted one, for as long as what is written
 * is what was drafted. `next` was written and is not in the sequence yet.
 */
function verify(
  writer: TurnWriter,
  logits: readonly Float32Array[],
  draft: readonly number[],
): { readonly accepted: number; readonly next: readonly number[] } {
  let accepted = 0;
  for (;;) {
    const written = writer.write(logits[accepted] as Float32Array);
    let same = 0;
    while (same < written.length && accepted < draft.length && draft[accepted] === written[same]) {
      same++;
      accepted++;
    }
    if (writer.isDone || same < written.length) return { accepted, next: written.slice(same) };
  }
}
