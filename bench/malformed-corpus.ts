/**
 * Requests that are wrong in twelve ways, from a seed: the same ones each time. Each generator makes one
 * whole HTTP message that some client could send by mistake or malice.
 */
import { badBase64, badImage, multipart, oddDialect } from './malformed-bodies.ts';
import { oddCredential, oddHeaders, oddMethod, oddPath, rawMessage } from './malformed-http.ts';
import {
  bodyPaths,
  goodBodies,
  type Made,
  type Malformed,
  nearlyRight,
  post,
  randomBytes,
} from './malformed-parts.ts';
import { below, pick, type Random, seededRandom } from './random.ts';

export const generators: Readonly<Record<string, (random: Random) => Made>> = {
  'bytes for JSON': (random) => post(pick(random, bodyPaths), randomBytes(random, 300)),
  'JSON cut off': (random) => {
    const path = pick(random, bodyPaths);
    const text = JSON.stringify(goodBodies[path]);
    return post(path, text.slice(0, below(random, text.length)));
  },
  'one member wrong': (random) => {
    const path = pick(random, bodyPaths);
    return post(path, nearlyRight(random, path));
  },
  'odd forms': multipart,
  'bad base64': badBase64,
  'bad images': badImage,
  'odd headers': oddHeaders,
  'odd credentials': oddCredential,
  'odd paths': oddPath,
  'odd methods': oddMethod,
  'other dialects': oddDialect,
  'raw HTTP': rawMessage,
};

/** Endless; the generators in turn, each with a stream of its own from the seed. */
export function* malformedRequests(seed: number): Generator<Malformed> {
  const streams = Object.entries(generators).map(
    ([generator, make], index) => ({ generator, make, random: seededRandom(seed + index) }) as const,
  );
  for (;;) for (const { generator, make, random } of streams) yield { generator, ...make(random) };
}
