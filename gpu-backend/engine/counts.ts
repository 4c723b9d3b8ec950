/** What an engine has done since it was opened, and what it holds now. */
import type { DraftCounts } from './drafts.ts';
import type { PassCounts } from './pass.ts';
import type { TurnEvent } from './protocol.ts';

/** Sums over all steps. */
export type StepCounts = {
  steps: number;
  /** Tokens of prompts that were found among the kept keys and values, and the others. */
  reused: number;
  prefilled: number;
  /** Tokens of turns, and how many of them the grammar forced. */
  written: number;
  forced: number;
  /** Images whose features were known or just being computed, and runs of the vision tower. */
  known: number;
  encoded: number;
  /** Milliseconds of the steps that ended with a turn, by what they did. */
  queueMs: number;
  visionMs: number;
  prefillMs: number;
  decodeMs: number;
};

export type EngineCounts = {
  readonly steps: Readonly<StepCounts>;
  readonly passes: Readonly<PassCounts>;
  readonly drafts: Readonly<DraftCounts>;
  /** Now: steps that are worked on, steps that wait, rows of batches, bytes of parked keys and values. */
  readonly running: number;
  readonly waiting: number;
  readonly rows: number;
  readonly parkedBytes: number;
  /** Of what may be parked, 0 to 1. */
  readonly parkedShare: number;
  /** Parked sequences that had to go so far. */
  readonly evictions: number;
};

export function noSteps(): StepCounts {
  return {
    steps: 0,
    reused: 0,
    prefilled: 0,
    written: 0,
    forced: 0,
    known: 0,
    encoded: 0,
    queueMs: 0,
    visionMs: 0,
    prefillMs: 0,
    decodeMs: 0,
  };
}

/** Adds a step that ended with a turn. */
export function countStep(sums: StepCounts, { usage, timings }: TurnEvent, forced: number): void {
  const { prompt_tokens: prompt, cached_tokens: cached, completion_tokens: written } = usage;
  sums.steps++;
  sums.reused += cached;
  sums.prefilled += prompt - cached;
  sums.written += written;
  sums.forced += forced;
  sums.queueMs += timings.queue_ms;
  sums.visionMs += timings.vision_ms;
  sums.prefillMs += timings.prefill_ms;
  sums.decodeMs += timings.decode_ms;
}
