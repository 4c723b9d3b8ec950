/** The internet of the scripted backend: photos.test has images, hooks.test takes webhooks, nowhere.test is private. */
import type { ServerResponse } from 'node:http';
import sharp from 'sharp';
import { type EgressDelivery, egressCheck, egressDelivery, egressFetch } from '#shared/contract';
import { ApiError } from '#shared/errors';

/** A webhook to `/fails-N/...` is answered with 500 N times, then with 200; one to `/gone/...` with 410. */
export async function fakeEgress(
  errand: string,
  body: Buffer,
  response: ServerResponse,
  deliveries: EgressDelivery[],
): Promise<void> {
  const value: unknown = JSON.parse(body.toString());
  if (errand === 'fetch') {
    const url = reachable(egressFetch.parse(value).url);
    if (url.pathname !== '/photo.png')
      throw new ApiError('url_unreachable', 'The host answered with status 404.');
    const image = await sharp({ create: { width: 5, height: 4, channels: 3, background: '#0af' } })
      .png()
      .toBuffer();
    response.end(image);
    return;
  }
  if (errand === 'check') {
    reachable(egressCheck.parse(value).url);
    response.end('{}');
    return;
  }
  const delivery = egressDelivery.parse(value);
  const url = reachable(delivery.url);
  deliveries.push(delivery);
  const fails = Number(/^\/fails-(\d+)\//.exec(url.pathname)?.[1] ?? 0);
  const before = deliveries.filter((other) => other.url === delivery.url).length;
  const status = url.pathname.startsWith('/gone/') ? 410 : before <= fails ? 500 : 200;
  response.end(JSON.stringify({ status }));
}

function reachable(text: string): URL {
  const url = new URL(text);
  if (url.hostname !== 'nowhere.test') return url;
  throw new ApiError('url_not_allowed', 'The host nowhere.test has an address of a private network.');
}
