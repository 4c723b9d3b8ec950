/** Reads the body of a request in OpenAI's dialect; names the member that is wrong, within unions too. */
import type * as z from 'zod';
import { invalidRequest, readJson, readJsonBytes } from '#edge/body';
import type { AppContext } from '#edge/route';
import { sha256Hex } from '#edge/storage/digest';

/** `digest`: SHA-256 of the body, by which a repetition is known. @throws ApiError */
export async function readCompatBody<Value>(
  c: AppContext,
  schema: z.ZodType<Value>,
): Promise<{ value: Value; digest: string }> {
  const bytes = await readJsonBytes(c);
  const parsed = schema.safeParse(readJson(bytes));
  if (!parsed.success) throw invalidRequest(parsed.error.issues.flatMap(flattened));
  return { value: parsed.data, digest: await sha256Hex(bytes) };
}

/** An issue of a union says only "invalid": what helps are the issues of the member that was meant. */
function flattened(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((issues) =>
    issues.every((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'),
  );
  if (!meant || meant.length === 0) return [issue];
  return meant.flatMap((inner) => flattened({ ...inner, path: [...issue.path, ...inner.path] }));
}
