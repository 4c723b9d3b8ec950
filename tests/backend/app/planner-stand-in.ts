/**
 * A planner process without a model, for tests of the plumbing only. The question says what it
 * does: "slow" streams until it is cancelled, "die" kills the process after the first token,
 * "block" blocks the thread, "at once" is answered without a token, anything else with one.
 */
import type { FromChild, ToChild } from '#backend/engine/protocol';
import type { StepRequest } from '#shared/contract';

const send = (message: FromChild): void => void process.send?.([message]);
const cancelled = new Set<number>();

async function step(id: number, { conversation: { question } }: StepRequest): Promise<void> {
  if (question !== 'at once') send({ type: 'text', id, text: '{"thought":' });
  if (question === 'die') {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
    return;
  }
  if (question === 'block') for (;;);
  while (question === 'slow' && !cancelled.has(id)) await new Promise((resolve) => setTimeout(resolve, 10));
  const turn = { thought: '', actions: [{ name: 'Terminate', arguments: { answer: question } }] };
  send({
    type: 'result',
    id,
    value: {
      type: 'turn',
      text: JSON.stringify(turn),
      turn,
      usage: { prompt_tokens: 1, cached_tokens: 0, completion_tokens: 1 },
      timings: { queue_ms: 0, vision_ms: 0, prefill_ms: 0, decode_ms: 0 },
    },
  });
}

process.on('message', (message: ToChild) => {
  if (message.type === 'cancel') cancelled.add(message.id);
  else if (message.method !== 'step')
    send({ type: 'error', id: message.id, code: 'internal', message: 'There is no model.' });
  else void step(message.id, (message.input as { request: StepRequest }).request);
});
process.on('disconnect', () => process.exit());
send({ type: 'ready', info: { planner: { model: 'stand-in', version: '0' } } });
