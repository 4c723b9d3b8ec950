/** Holds every event of a stream to its schema while it passes through, whoever reads it. */
import { checked } from './checked.ts';

type Judge = (value: unknown) => readonly string[];

/** The last word of a chat stream; no JSON. */
const DONE = '[DONE]';

/** The same reply; an event that `judge` finds a fault in breaks its stream and is remembered. */
export function withCheckedEvents(response: Response, name: string, judge: Judge): Response {
  const { body, status, statusText, headers } = response;
  if (!body) return response;
  const decoder = new TextDecoder();
  let rest = '';
  const check = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fault = faultOf(block, judge);
        if (fault === undefined) continue;
        checked.faults.push(`${name}: ${fault}`);
        return controller.error(new Error(`${name}: ${fault}`));
      }
      controller.enqueue(chunk);
    },
  });
  return new Response(body.pipeThrough(check), { status, statusText, headers });
}

/** Undefined for a comment, and for an event as described. */
function faultOf(block: string, judge: Judge): string | undefined {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  if (data === undefined)
    return /^(:|retry: )/m.test(block) ? undefined : `neither event nor comment: ${block}`;
  if (data !== DONE) {
    const [fault] = judge(JSON.parse(data));
    if (fault !== undefined) return `an event is not as described: ${fault}: ${data.slice(0, 300)}`;
  }
  checked.events++;
  return undefined;
}
