/** Headers of replies: what they mean, and which reply bears which. */
import type { HeaderName, Operation } from '#shared/api/operation';
import type { JsonSchema } from './components.ts';

const text = (description: string): JsonSchema => ({ description, schema: { type: 'string' } });

const OPENAI = ['Limit', 'Remaining', 'Reset'].flatMap((what) =>
  ['Requests', 'Tokens'].map((of) => `X-RateLimit-${what}-${of}`),
);

export const headers: Readonly<Record<string, JsonSchema>> = {
  ETag: text('Version of the body.'),
  'Idempotent-Replayed': text('`true` when the request repeated one that had begun the run.'),
  Location: text('Path of what was made.'),
  'OpenAI-Processing-Ms': text('Milliseconds until this reply began.'),
  'Preference-Applied': text('The `Prefer` that was honoured.'),
  RateLimit: text('What stands of the limits that the request was held against (draft-10 of the IETF).'),
  'RateLimit-Policy': text('Those limits themselves.'),
  'Retry-After': text('Seconds to wait before the next attempt.'),
  'Retry-After-Ms': text('The same in milliseconds.'),
  'Server-Timing': text('Where the time went: `edge`, and `planner`, `tools` and `run` of a run.'),
  'WWW-Authenticate': text('What the credential lacks.'),
  'X-Request-Id': text('Names this request in our logs.'),
  'X-Should-Retry': text('`true` or `false`: whether another attempt may succeed.'),
  ...Object.fromEntries(OPENAI.map((name) => [name, text('As in OpenAI; cost units for tokens.')])),
} satisfies Record<HeaderName, JsonSchema> & Record<string, JsonSchema>;

/** Of a reply that is no refusal. */
export function headersOf(
  { scope, openAi }: Pick<Operation, 'scope' | 'openAi'>,
  own: readonly HeaderName[],
): JsonSchema {
  return references([
    'X-Request-Id',
    'Server-Timing',
    ...(scope === 'public' ? [] : LIMITS),
    ...(openAi ? ['OpenAI-Processing-Ms', ...OPENAI] : []),
    ...own,
  ]);
}

const LIMITS: readonly string[] = ['RateLimit', 'RateLimit-Policy'];
const WAIT: readonly string[] = ['Retry-After', 'Retry-After-Ms'];

/** What helps to go on. The limits stand on other refusals too, once it is known whose they are. */
const REFUSAL_HEADERS: ReadonlyMap<number, readonly string[]> = new Map<number, readonly string[]>([
  [401, ['WWW-Authenticate']],
  [403, ['WWW-Authenticate']],
  [429, [...LIMITS, ...WAIT]],
  [502, WAIT],
  [503, WAIT],
  [504, WAIT],
]);

export function refusalHeadersOf(status: number): JsonSchema {
  return references(['X-Request-Id', 'X-Should-Retry', ...(REFUSAL_HEADERS.get(status) ?? [])]);
}

function references(names: readonly string[]): JsonSchema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
