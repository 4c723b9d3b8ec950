/** GET /v1/runs: the runs of a tenant, newest first. */
import * as z from 'zod';
import { run } from '../api.ts';
import { RUN_LIST_DEFAULT, RUN_LIST_MAX } from '../limits.ts';

export const runListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(RUN_LIST_MAX).default(RUN_LIST_DEFAULT),
  cursor: z.string().max(256).optional().describe('next_cursor of the page before'),
});

/** A run without images and steps; GET /v1/runs/{id} has them. */
export const runSummary = run.omit({ images: true, steps: true });
export type RunSummary = z.infer<typeof runSummary>;

export const runList = z.object({
  object: z.literal('list'),
  data: z.array(runSummary),
  next_cursor: z.string().optional().describe('absent on the last page'),
});
export type RunList = z.infer<typeof runList>;
