/**
 * GET /metrics in Prometheus' text format. Names are those that operators know from other engines, with our
 * prefix; what no other engine has stands beside them. Nothing in it tells of a tenant, a run or a text.
 */
import type { Context } from 'hono';
import type { AppEnv, AppOptions } from '#backend/app';
import type { EngineCounts } from '#backend/engine/counts';
import type { Histogram } from '#backend/histogram';
import type { StepGate } from '#backend/step-gate';
import type { StepRecord } from '#backend/step-record';

/** A planner in the middle of a long pass answers late; then the scrape goes without its part. */
const COUNTS_WAIT_MS = 2_000;
/** Longer than any pass: a scrape must never have a process killed that works. */
const COUNTS_WALL_MS = 10 * 60_000;

type Sample = {
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
};
type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
};

export type MetricsRoute = (context: Context<AppEnv>) => Promise<Response>;

export function createMetricsRoute(
  { planner, vision }: Pick<AppOptions, 'planner' | 'vision'>,
  steps: Pick<StepGate, 'running' | 'waiting' | 'refused'>,
  record: StepRecord,
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
      counter('request_refused_total', 'Steps that got no place.', ...of('reason', steps.refused)),
      ...stepMetrics(record),
      ...(counts ? engineMetrics(counts) : []),
    ];
    return new Response(metrics.map(textOf).join(''), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
  };
}

function stepMetrics(record: StepRecord): Metric[] {
  return [
    counter('num_aborted_requests_total', 'Steps without a turn.', ...of('reason', record.failed)),
    histogram('time_to_first_token_seconds', 'From arrival to the first token.', record.firstToken),
    histogram('e2e_request_latency_seconds', 'From arrival to the turn.', record.whole),
    histogram('request_queue_time_seconds', 'Waited for a place.', record.queue),
    histogram('inter_token_latency_seconds', 'Decoding, for each token of a turn.', record.betweenTokens),
    histogram('run_latency_seconds', 'From the first step of a run to its answer.', record.runLatency),
    histogram('run_steps', 'Steps of runs that ended with an answer.', record.runSteps),
  ];
}

function engineMetrics(counts: EngineCounts): Metric[] {
  const { steps, passes, drafts, running, rows, parkedBytes, parkedShare, evictions } = counts;
  const seconds = (name: string, what: string, ms: number): Metric[] => [
    counter(`request_${name}_time_seconds_sum`, `Seconds that steps ${what}.`, { value: ms / 1000 }),
    counter(`request_${name}_time_seconds_count`, 'Steps that were measured.', { value: steps.steps }),
  ];
  return [
    counter('request_success_total', 'Steps that ended with a turn.', { value: steps.steps }),
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
    counter('prefix_cache_queries_total', 'Tokens of prompts that were looked up.', {
      value: steps.reused + steps.prefilled,
    }),
    counter('prefix_cache_hits_total', 'Of them, tokens that were found.', { value: steps.reused }),
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
    gauge('planner_steps', 'Steps that the planner works on.', { value: running }),
    gauge('decoder_batch_rows', 'Rows of batches that sequences hold.', { value: rows }),
    gauge('kv_parked_bytes', 'Keys and values of runs between their steps.', { value: parkedBytes }),
    gauge('kv_cache_usage_perc', 'Of what may be parked, 0 to 1.', { value: parkedShare }),
    counter('kv_evictions_total', 'Parked runs that had to go.', { value: evictions }),
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

const histogram = (name: string, help: string, of: Histogram): Metric => {
  const at = (le: string, value: number): Sample => ({ suffix: '_bucket', labels: { le }, value });
  const cumulative = of.cumulative();
  return {
    name,
    type: 'histogram',
    help,
    samples: [
      ...of.bounds.map((bound, index) => at(String(bound), cumulative[index] as number)),
      at('+Inf', of.count),
      { suffix: '_sum', value: of.sum },
      { suffix: '_count', value: of.count },
    ],
  };
};
const of = (name: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([label, value]) => ({ labels: { [name]: label }, value }));

/** Our labels and help texts are constants without a quote, a backslash or a line break. */
function textOf({ name, type, help, samples }: Metric): string {
  const full = `taco_${name}`;
  const lines = samples.map(({ suffix = '', labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${full}${suffix}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${value}`;
  });
  return `${[`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines].join('\n')}\n`;
}
