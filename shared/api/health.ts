/** GET /healthz and GET /readyz. Names no address and no key. */
import * as z from 'zod';

export const backendState = z.object({
  status: z.enum(['ok', 'starting', 'degraded', 'unreachable']),
  contract: z.int().optional().describe('version of the wire between edge and backend'),
  device: z.string().optional().describe('what the models run on, such as cpu'),
  planner: z.object({ model: z.string(), version: z.string() }).optional(),
  tools: z.array(z.object({ name: z.string(), version: z.string() })).optional(),
  models: z
    .array(
      z.object({
        role: z.string(),
        pack: z.string(),
        state: z.enum(['ready', 'refused']),
        code: z.string().optional().describe('why the pack was refused'),
        experimental: z.string().optional().describe('why its answers are not to be relied on yet'),
      }),
    )
    .optional()
    .describe('packs that were chosen for a role'),
});
export type BackendState = z.infer<typeof backendState>;

export const health = z.object({
  status: z.enum(['ok', 'degraded']).describe('ok: a run could be taken now'),
  keys: z.enum(['ok', 'unavailable']).describe('the database of API keys'),
  backends: z.array(backendState),
});
export type Health = z.infer<typeof health>;
