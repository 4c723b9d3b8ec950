/** Asks one item through the public HTTP API and judges what came back. */
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { sniffMediaType } from '#backend/images/sniff';
import { type Run, run as runSchema } from '#shared/api';
import { fileOf } from '#training/cota/images';
import { isRight, ocrHasFacts } from './check.ts';
import type { Call, Item } from './suite.ts';

/** Times that a busy server (429, 503) is asked again, and the longest wait between. */
const ATTEMPTS_MAX = 10;
const WAIT_MS_MAX = 10_000;

export type Server = { readonly url: string; readonly key: string };

/** `right`, or whose mistake it was: where the tools said something else nobody could have answered. */
export type Outcome = 'right' | 'planner-error' | 'tool-error' | 'failed';

export type Result = {
  readonly id: string;
  readonly family: string;
  readonly type: string;
  readonly question: string;
  readonly truth: string;
  readonly answer: string | undefined;
  /** Code of a run that failed; `uncoded` for one without answer or code. */
  readonly error: string | undefined;
  readonly outcome: Outcome;
  readonly ocrText: string | undefined;
  readonly turns: number;
  /** Names of the tools that were called, in order; `Terminate` is none. */
  readonly tools: readonly string[];
  /** What the run was booked at. */
  readonly costUnits: number;
  /** Turns that did not parse, or named no listed action with arguments of its schema. */
  readonly invalidTurns: number;
  readonly thoughts: readonly string[];
  readonly ms: number;
};

/** Codes by which the edge tells the planner that its turn was no call at all. */
const INVALID_TURN_CODES: ReadonlySet<string> = new Set([
  'invalid_turn',
  'no_action',
  'unknown_tool',
  'tool_unavailable',
  'invalid_arguments',
  'unknown_image',
]);

/** `blank`: the planner and the tools get grey pictures, so what is right all the same was not seen. */
export async function askItem(
  item: Item,
  server: Server,
  { blank = false }: { readonly blank?: boolean } = {},
): Promise<Result> {
  const drawn = await Promise.all(item.images.map(fileOf));
  const files = blank ? await Promise.all(drawn.map(blanked)) : drawn;
  const { run, ms } = await askRun(item.question, files, server);
  return judge(item, run, ms);
}

async function blanked(file: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(file).metadata();
  const grey = { width, height, channels: 3, background: '#808080' } as const;
  return await sharp({ create: grey }).jpeg().toBuffer();
}

/** A request that the server refuses, with what it says. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** One run without cached tool results. Throws RefusedError. */
export async function askRun(
  question: string,
  files: readonly Buffer[],
  server: Server,
): Promise<{ readonly run: Run; readonly ms: number }> {
  const body = JSON.stringify({
    question,
    images: files.map((file) => ({
      type: 'base64',
      media_type: sniffMediaType(file),
      data: file.toString('base64'),
    })),
    cache: 'no-store',
  });
  const start = performance.now();
  const run = await post(body, server);
  return { run, ms: Math.round(performance.now() - start) };
}

async function post(body: string, { url, key }: Server): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(new URL('/v1/runs', url), { method: 'POST', headers, body });
    if (response.ok) return runSchema.parse(await response.json());
    const text = await response.text();
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt >= ATTEMPTS_MAX) {
      throw new RefusedError(`POST ${url}/v1/runs answered ${response.status}: ${text.slice(0, 500)}`);
    }
    await delay(Math.min(WAIT_MS_MAX, Number(response.headers.get('retry-after') ?? 1) * 1000));
  }
}

export function judge(item: Item, run: Run, ms: number): Result {
  const ocrText = ocrTextOf(run);
  const answered = run.status === 'succeeded' && run.answer !== undefined;
  return {
    id: item.id,
    family: item.family,
    type: item.type,
    question: item.question,
    truth: truthText(item),
    answer: run.answer,
    error: answered ? undefined : (run.error?.code ?? 'uncoded'),
    outcome: outcomeOf(item, run, ocrText),
    ocrText,
    turns: run.steps.length,
    tools: callsOf(run).map(({ name }) => name),
    costUnits: run.usage.cost_units,
    invalidTurns: run.steps.filter(isInvalid).length,
    thoughts: run.steps.map((step) => step.thought),
    ms,
  };
}

function outcomeOf(item: Item, run: Run, ocrText: string | undefined): Outcome {
  if (run.status !== 'succeeded' || run.answer === undefined) return 'failed';
  if (isRight(run.answer, item.truth, item.question)) return 'right';
  const carried = item.carries
    ? item.carries(callsOf(run))
    : ocrText === undefined
      ? undefined
      : ocrHasFacts(item, ocrText);
  return carried === false ? 'tool-error' : 'planner-error';
}

export function callsOf(run: Run): Call[] {
  return run.steps.flatMap(({ actions, observation }) => {
    const action = actions[0];
    if (!action || action.name === 'Terminate') return [];
    return [{ name: action.name, arguments: action.arguments, observation: observation ?? {} }];
  });
}

/** All that OCR steps read, in order; undefined where the planner never asked for OCR. */
function ocrTextOf(run: Run): string | undefined {
  const texts = run.steps
    .filter(({ actions }) => actions[0]?.name === 'OCR')
    .flatMap(({ observation }) => (typeof observation?.['text'] === 'string' ? [observation['text']] : []));
  return texts.length > 0 ? texts.join('\n') : undefined;
}

function isInvalid({ actions, observation }: Run['steps'][number]): boolean {
  if (actions.length === 0) return true;
  const error = observation?.['error'];
  const code =
    typeof error === 'object' && error !== null && !Array.isArray(error) ? error['code'] : undefined;
  return typeof code === 'string' && INVALID_TURN_CODES.has(code);
}

export function truthText({ truth }: Item): string {
  switch (truth.type) {
    case 'number':
      return String(Math.round(truth.value * 1e4) / 1e4);
    case 'text':
      return truth.values[0];
    case 'digits':
    case 'choice':
      return truth.value;
    case 'nothing':
      return 'nothing to read';
    case 'unknown':
      return 'cannot be told';
  }
}
