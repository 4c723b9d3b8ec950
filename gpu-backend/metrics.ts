/**
 * GET /metrics in Prometheus' text format. Names are those that operators know from other engines, with our
 * prefix; what no other engine has stands beside them. Nothing in it tells of a tenant, a run or a text.
 */
import type { Context } from 'hono';
import type { AppEnv, AppOptions } from '#backend/app';
import type { EngineCounts } from '#backend/engine/counts';
import type { Gate } from '#backend/queue';

/** A planner in the middle of a long pass answers late; then the scrape goes without its part. */
const COUNTS_WAIT_MS = 2_000;
/** Longer than any pass: a scrape must never have a process killed that works. */
const COUNTS_WALL_MS = 10 * 60_000;

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };
type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
};

export type MetricsRoute = (context: Context<AppEnv>) => Promise<Response>;

export function createMetricsRoute(
  { planner, vision }: Pick<AppOptions, 'planner' | 'vision'>,
  steps: Pick<Gate, 'running' | 'waiting'>,
): MetricsRoute {
  return async () => {
    const signal = AbortSignal.timeout(COUNTS_WAIT_MS);
    const counts =
      planner?.state === 'ready'
        ? await planner.call('counts', {}, { wallMs: COUNTS_WALL_MS, signal }).result.catch(() => undefined)
        : undefined;
    const states = [
      { labels: { role: 'planner' }, value: Number(planner?.state === 'ready') },
      { labels: { role: 'vision' }, value: Number(vision.state === 'ready') },
    ];
    const metrics: Metric[] = [
      gauge('process_up', 'Whether the inference process takes calls.', ...states),
      gauge('num_requests_running', 'Steps that have a place in the planner.', { value: steps.running }),
      gauge('num_requests_waiting', 'Steps that wait for a place.', { value: steps.waiting }),
      ...(counts ? engineMetrics(counts) : []),
    ];
    return new Response(metrics.map(textOf).join(''), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
  };
}

function engineMetrics({ steps, passes, drafts, rows, parkedBytes }: EngineCounts): Metric[] {
  const seconds = (name: string, what: string, ms: number): Metric[] => [
    counter(`request_${name}_time_seconds_sum`, `Seconds that steps ${what}.`, { value: ms / 1000 }),
    counter(`request_${name}_time_seconds_count`, 'Steps that were measured.', { value: steps.steps }),
  ];
  const of = (name: string, values: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(values).map(([label, value]) => ({ labels: { [name]: label }, value }));
  return [
    counter('request_success_total', 'Steps that ended with a turn.', { value: steps.steps }),
    ...seconds('queue', 'waited inside the planner', steps.queueMs),
    ...seconds('vision', 'waited for image features', steps.visionMs),
    ...seconds('prefill', 'read their prompts', steps.prefillMs),
    ...seconds('decode', 'wrote their turns', steps.decodeMs),
    counter('prompt_tokens_total', 'Tokens of prompts.', { value: steps.reused + steps.prefilled }),
    counter('generation_tokens_total', 'Tokens of turns.', { value: steps.written }),
    counter(
      'step_prefill_tokens_total',
      'Tokens of prompts, found among kept keys and values or computed.',
      ...of('source', { reused: steps.reused, new: steps.prefilled }),
    ),
    counter(
      'image_embed_cache_total',
      'Images of steps, with features kept or computed.',
      ...of('result', { hit: steps.known, miss: steps.encoded }),
    ),
    counter('forced_tokens_total', 'Tokens of turns that the grammar forced.', { value: steps.forced }),
    counter('draft_tokens_proposed_total', 'Tokens that drafts proposed.', { value: drafts.proposed }),
    counter('draft_tokens_accepted_total', 'Proposed tokens that the model wrote.', {
      value: drafts.accepted,
    }),
    counter('decoder_passes_total', 'Runs of the decoder.', { value: passes.passes }),
    counter(
      'decoder_cells_total',
      'Token places that passes computed, with a token or as padding.',
      ...of('kind', { token: passes.tokens, padding: passes.cells - passes.tokens }),
    ),
    counter('decoder_bytes_total', 'Bytes made for, or copied out of, the decoder.', { value: passes.bytes }),
    gauge('decoder_batch_rows', 'Rows of batches that sequences hold.', { value: rows }),
    gauge('kv_parked_bytes', 'Keys and values of runs between their steps.', { value: parkedBytes }),
  ];
}

const counter = (name: string, help: string, ...samples: Sample[]): Metric => ({
  name,
  type: 'counter',
  help,
  samples,
});
const gauge = (name: string, help: string, ...samples: Sample[]): Metric => ({
  name,
  type: 'gauge',
  help,
  samples,
});

/** Our labels and help texts are constants without a quote, a backslash or a line break. */
function textOf({ name, type, help, samples }: Metric): string {
  const full = `taco_${name}`;
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${full}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${value}`;
  });
  return `${[`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines].join('\n')}\n`;
}
