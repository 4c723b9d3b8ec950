/** The body of every refusal, as schemas. The table of codes is `shared/errors.ts`. */
import * as z from 'zod';
import { type ErrorCode, errorTable } from '../errors.ts';

export const errorCode = z
  .enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]])
  .describe('stable; new codes may come, so treat one that you do not know by its HTTP status');

/** RFC 9457, with an `error` member for the SDKs that read OpenAI's form. */
export const problem = z.object({
  type: z.string().describe('urn:taco-edge:error: and the code'),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe('what was expected, what came, how to mend it'),
  code: errorCode,
  request_id: z.string().describe('also in the header x-request-id; name it when you report a fault'),
  errors: z
    .array(z.object({ path: z.string().describe('such as images.0.data'), message: z.string() }))
    .optional()
    .describe('one entry for each fault of the request'),
  'violated-policies': z
    .array(z.string())
    .optional()
    .describe('the limits that stand against it, by their names in `RateLimit-Policy`'),
  run_id: z.string().optional().describe('the run that gave no answer'),
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: errorCode,
  }),
});
