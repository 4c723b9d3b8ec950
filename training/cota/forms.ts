/**
 * The same question without tools, for the comparison that the paper makes: CoT keeps the thoughts, Direct
 * only the answer. Both stay in the protocol of turns, as in the paper.
 */
import { answerOf, type CotaTrace, type TraceForm } from './trace.ts';

const DIRECT_THOUGHT = 'I answer directly.';

const terminating = (trace: CotaTrace, form: TraceForm, thought: string): CotaTrace | undefined => {
  const answer = answerOf(trace);
  if (answer === undefined) return undefined;
  const turn = { thought, actions: [{ name: 'Terminate', arguments: { answer } }] };
  return { ...trace, id: `${trace.id}-${form}`, form, steps: [{ turn }] };
};

/** Undefined where a trace has no such form: only from `cota` are the others made. */
export const formOf: Readonly<Record<TraceForm, (trace: CotaTrace) => CotaTrace | undefined>> = {
  cota: (trace) => (trace.form === 'cota' ? trace : undefined),
  // What was read is what the later thoughts quote; the thought before a look says only that it looks.
  cot: (trace) => {
    if (trace.form !== 'cota') return trace.form === 'cot' ? trace : undefined;
    const thoughts = trace.steps.slice(trace.steps.length > 1 ? 1 : 0).map(({ turn }) => turn.thought);
    return terminating(trace, 'cot', thoughts.join(' '));
  },
  direct: (trace) => (trace.form === 'direct' ? trace : terminating(trace, 'direct', DIRECT_THOUGHT)),
};
