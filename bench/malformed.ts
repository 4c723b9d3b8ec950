/**
 * Malformed requests over real sockets (R1): counts by status. Ours must be no 5xx, a problem with every
 * refusal, a status for every message, and a Worker that still answers. What workerd replies before any code
 * of ours is listed apart.
 */
import { replyFaults } from '../tests/spec/reply.ts';
import { type EdgeUnderTest, startEdgeUnderTest } from './edge-under-test.ts';
import { malformedRequests } from './malformed-corpus.ts';
import type { Malformed } from './malformed-parts.ts';
import { HANG_MS, type Reply, send } from './malformed-send.ts';

const COUNT = 100_000;
const SEED = 20_261_125;
const AT_ONCE = 16;
/**
 * Then as many of the same requests, one after the other: with many at once in a closed loop on the cores that
 * serve them, a reply waits for those before it, and its time says how many there were.
 */
const COUNT_ALONE = 5_000;
const FAULTS_SHOWN = 20;
const PROGRESS_EACH = 10_000;
/** Printed beside the bar, and no fault: on a busy machine it says nothing of the Worker. */
const P99_MS_BAR = 100;
/** Some of the requests are right after all, or wrong in what nobody reads: these do their work. */
const REFUSED_FROM = 400;

export type Attack = {
  readonly sent: number;
  readonly byGenerator: ReadonlyMap<string, number>;
  /** By status, of the Worker. */
  readonly ours: ReadonlyMap<number, number>;
  /** By status, of workerd itself, and what it was about. */
  readonly native: ReadonlyMap<string, number>;
  /** Each is one broken promise. */
  readonly faults: readonly string[];
  readonly hangs: number;
  /** Messages whose connection ended without a status. */
  readonly unanswered: number;
  readonly replies: readonly Timed[];
  readonly isAlive: boolean;
};

export type Timed = { readonly generator: string; readonly status: number; readonly ms: number };

/** The first `count` requests of SEED. `progress` is told of every PROGRESS_EACH of them. */
export async function attack(
  edge: EdgeUnderTest,
  count: number,
  atOnce = AT_ONCE,
  progress: (sent: number) => void = () => undefined,
): Promise<Attack> {
  const tally = {
    byGenerator: new Map<string, number>(),
    ours: new Map<number, number>(),
    native: new Map<string, number>(),
    faults: [] as string[],
    hangs: 0,
    unanswered: 0,
    replies: [] as Timed[],
  };
  const requests = malformedRequests(SEED);
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < count) {
      sent++;
      if (sent % PROGRESS_EACH === 0) progress(sent);
      const malformed = requests.next().value as Malformed;
      const reply = await send(edge.url, edge.key, malformed);
      count1(tally.byGenerator, malformed.generator);
      tally.replies.push({ generator: malformed.generator, status: reply.status ?? 0, ms: reply.ms });
      if (reply.hung) tally.hangs++;
      if (reply.status === undefined) tally.unanswered++;
      if (reply.isOurs) count1(tally.ours, reply.status ?? 0);
      else count1(tally.native, `${reply.status ?? 'no status'} to ${subjectOf(malformed)}`);
      const fault = await faultOf(malformed, reply);
      if (fault !== undefined) tally.faults.push(`${fault}: ${shown(malformed)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { sent, ...tally, isAlive: await isAlive(edge) };
}

const count1 = <Key>(counts: Map<Key, number>, key: Key): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

/** What of our promises the reply breaks; undefined when none. */
async function faultOf(malformed: Malformed, reply: Reply): Promise<string | undefined> {
  const { status, isOurs, body, hung, error } = reply;
  const isRaw = malformed.raw !== undefined;
  if (hung) return `no reply within ${HANG_MS} ms`;
  if (status === undefined) return `no status (${error ?? 'closed'})`;
  // A library's message is well formed, so an answer without our request id is an exception that got out.
  if (!isOurs) return isRaw ? undefined : `a bare ${status}`;
  if (status >= 500) return `${status} ${body.slice(0, 200)}`;
  const faults = await notAsDescribed(malformed, reply, status);
  return faults.length > 0 ? `${status} is not as described: ${faults.join('; ')}` : undefined;
}

/** Every reply is held to the OpenAPI document; of a raw message, to what every refusal is. */
async function notAsDescribed(
  { raw, method, path }: Malformed,
  reply: Reply,
  status: number,
): Promise<string[]> {
  // A Response made of '' would say that it is text.
  const isEmpty = reply.body === '' || method === 'HEAD';
  const response = new Response(isEmpty ? null : reply.body, { status, headers: headersOf(reply) });
  const { pathname } = new URL(path, 'http://edge');
  // A path with dots in it comes as it was sent: no route has it, whatever it would be without them.
  const isNowhere = status === 404 && pathname !== path.split(/[?#]/)[0];
  if (raw === undefined) return replyFaults(method, isNowhere ? '/nowhere' : pathname, response);
  return status < 400 ? [] : replyFaults('GET', '/nowhere', response);
}

/** Without what the message itself needs. */
function headersOf({ headers }: Reply): Record<string, string> {
  const own = Object.entries(headers).filter(
    ([name, value]) => name !== 'transfer-encoding' && typeof value === 'string',
  );
  return Object.fromEntries(own);
}

/** Names the kinds of raw messages that workerd answers itself. */
function subjectOf({ raw, generator }: Malformed): string {
  if (raw === undefined) return generator;
  const kinds: ReadonlyArray<readonly [RegExp, string]> = [
    [/Content-Length: \d+\r\nContent-Length/, 'two Content-Length'],
    [/Content-Length: -/, 'a negative Content-Length'],
    [/\0/, 'NUL in a header'],
    [/chunked\r\n\r\nzz/, 'a chunk of no size'],
    [/^[^\r]*HTTP\/9/, 'another version'],
    [/^get /, 'a method in small letters'],
  ];
  return kinds.find(([pattern]) => pattern.test(raw))?.[1] ?? 'other raw messages';
}

function shown({ raw, method, path, headers, body }: Malformed): string {
  const text =
    raw ??
    `${method} ${path.slice(0, 100)} ${JSON.stringify(headers).slice(0, 200)} ${body?.toString('latin1').slice(0, 300) ?? ''}`;
  return JSON.stringify(text.slice(0, 500));
}

/** A right request is answered rightly afterwards. */
async function isAlive({ url, key }: EdgeUnderTest): Promise<boolean> {
  const response = await fetch(`${url}/v1/tools/Calculate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{"arguments":{"expression":"14.20 / 2"}}',
  });
  return response.ok && (await response.text()).includes('7.1');
}

export async function run(): Promise<void> {
  const edge = await startEdgeUnderTest();
  try {
    const count = Number(process.env['BENCH_REQUESTS'] ?? COUNT);
    const atOnce = Number(process.env['BENCH_AT_ONCE'] ?? AT_ONCE);
    const result = await attack(edge, count, atOnce, (done) => console.log(`  ${done} sent`));
    print(result, atOnce);
    const alone = await attack(edge, Math.min(count, COUNT_ALONE), 1);
    console.log(`the first ${alone.sent} of them again, one after the other:`);
    printTimes(alone, 1);
    for (const { faults, hangs, isAlive } of [result, alone])
      if (faults.length > 0 || hangs > 0 || !isAlive) process.exitCode = 1;
  } finally {
    await edge.stop();
  }
}

const listed = <Key>(counts: ReadonlyMap<Key, number>): string =>
  [...counts]
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    .map(([key, count]) => `${key}: ${count}`)
    .join(', ');

export function print(result: Attack, atOnce = AT_ONCE): void {
  const { sent, byGenerator, ours, native, faults, hangs, unanswered, isAlive: alive } = result;
  const failed = [...ours].reduce((total, [status, count]) => total + (status >= 500 ? count : 0), 0);
  console.log(
    `R1: ${sent} malformed requests (seed ${SEED}): ${failed} of 5xx, ${unanswered} without a status, ${hangs} hangs, ${faults.length} broken promises; the Worker ${alive ? 'still answers' : 'is DEAD'}`,
  );
  console.log(`  sent: ${listed(byGenerator)}`);
  console.log(`  statuses of the Worker: ${listed(ours)}`);
  console.log(`  of workerd before it: ${listed(native)}`);
  printTimes(result, atOnce);
  for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`  fault: ${fault}`);
}

/** Of all replies, of the refusals alone, and of the generators whose p99 is the longest. */
function printTimes({ replies }: Attack, atOnce: number): void {
  const refused = replies.filter(({ status }) => status >= REFUSED_FROM);
  const rest = replies.filter(({ status }) => status < REFUSED_FROM);
  const named = [
    ['all', replies],
    ['refused', refused],
    ['carried out', rest],
  ] as const;
  for (const [name, some] of named) {
    if (some.length === 0) continue;
    const p99 = quantile(some, 0.99);
    const verdict = p99 < P99_MS_BAR ? '' : ', NOT met here';
    console.log(
      `  ms with ${atOnce} at once, ${name} (${some.length}): median ${quantile(some, 0.5).toFixed(1)}, p99 ${p99.toFixed(1)} (bar: ${P99_MS_BAR}${verdict}), worst ${quantile(some, 1).toFixed(1)}`,
    );
  }
  const slow = [...Map.groupBy(refused, ({ generator }) => generator)]
    .map(([generator, some]) => ({ generator, p99: quantile(some, 0.99) }))
    .sort((a, b) => b.p99 - a.p99);
  console.log(
    `    p99 of refusals by generator: ${slow.map(({ generator, p99 }) => `${generator} ${p99.toFixed(0)}`).join(', ')}`,
  );
}

function quantile(replies: readonly Timed[], share: number): number {
  const sorted = replies.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}
