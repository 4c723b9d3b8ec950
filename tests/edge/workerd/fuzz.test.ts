/** Random requests: each gets a status below 500, and each refusal is a problem. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { scope } from '#shared/scopes';
import { answer, type Client, migrate, newClient, pngInput, script } from './support.ts';

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('fuzz', { scopes: scope.options });
});

const path = fc.oneof(
  fc.constantFrom('/v1/runs', '/v1/images', '/v1/tools/Calculate', '/v1/tools/OCR', '/v1/tools', '/healthz'),
  fc.constantFrom('/v1/keys', '/v1/client_tokens', '/v1/limits', '/v1/usage'),
  fc.webQueryParameters().map((query) => `/v1/usage?${query}`),
  fc.stringMatching(/^[\w%.-]{1,40}$/).map((id) => `/v1/keys/${id}/rotate`),
  fc.webPath().map((tail) => `/v1${tail}`),
  fc.stringMatching(/^[\w%.-]{1,40}$/).map((id) => `/v1/runs/${id}`),
  fc.stringMatching(/^[\w%.-]{1,40}$/).map((id) => `/v1/runs/${id}/events`),
  fc.stringMatching(/^[\w%.-]{1,40}$/).map((id) => `/v1/images/${id}`),
);

/** Requests that are nearly right: one member of a good one replaced by anything. */
const nearly = fc
  .tuple(
    fc.constantFrom(
      'question',
      'images',
      'tools',
      'max_steps',
      'metadata',
      'cache',
      'stream',
      'arguments',
      'extra',
      'subject',
      'scopes',
      'expires_at',
    ),
    fc.jsonValue(),
  )
  .map(([member, value]) =>
    JSON.stringify({ question: script(answer('x')), images: [pngInput], background: true, [member]: value }),
  );

const body = fc.oneof(
  fc.json(),
  nearly,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
  fc.jsonValue().map((value) => JSON.stringify({ arguments: { expression: value, image: value } })),
);

const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/plain', 'image/png', 'multipart/form-data'),
    prefer: fc.constantFrom('wait=0', 'wait=-1', 'wait=99999999999', 'respond-async'),
    'last-event-id': fc.stringMatching(/^[ -~]{0,12}$/),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'br'),
  },
  { requiredKeys: [] },
);

it('no request is answered with a 5xx or without a problem', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
      path,
      body,
      headers,
      async (method, to, what, more) => {
        const hasBody = method !== 'GET' && method !== 'OPTIONS';
        const response = await client.send(to, {
          method,
          headers: more as Record<string, string>,
          ...(hasBody ? { body: what } : {}),
        });
        const text = await response.text();
        expect(response.status, text).toBeLessThan(500);
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        if (response.status >= 400 && text !== '') {
          expect(response.headers.get('content-type')).toBe('application/problem+json');
          expect(JSON.parse(text)).toMatchObject({
            status: response.status,
            error: { message: expect.any(String) },
          });
        }
      },
    ),
    { seed: 20_261_122, numRuns: 600 },
  );
});
