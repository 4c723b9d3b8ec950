/** Webhooks: signed, tried again, under the same id, and only to where they may go. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '#shared/api';
import { type WebhookSecret, webhookEvent } from '#shared/api/webhook';
import type { EgressDelivery } from '#shared/contract';
import { WEBHOOK_ATTEMPTS_MAX } from '#shared/limits';
import {
  answer,
  bodyOf,
  type Client,
  call,
  clientOf,
  insideObject,
  migrate,
  newClient,
  newKey,
  objectOf,
  ocrRun,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

const TENANT = 'webhooks';
let key: string;
let client: Client;
beforeAll(async () => {
  await migrate();
  key = await newKey(TENANT);
  client = clientOf(key);
});

const images = [pngInput];
const body = { question: ocrRun(), images };

describe('a webhook', () => {
  const delivered = async (path: string): Promise<EgressDelivery[]> =>
    (await fetch(`${settings.BACKEND_URLS[0]}/_deliveries?path=${path}`)).json();
  const until = async (path: string, count: number): Promise<EgressDelivery[]> => {
    for (let wait = 0; wait < 400; wait++) {
      const all = await delivered(path);
      if (all.length >= count) return all;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${path} was not delivered ${count} times`);
  };
  const start = (path: string, question = ocrRun()) =>
    client
      .post('/v1/runs', { question, images, webhook_url: `https://hooks.test${path}` })
      .then((reply) => bodyOf<Run>(reply));
  const secret = async (path: string, by: Client = client) => {
    const url = encodeURIComponent(`https://hooks.test${path}`);
    return (await bodyOf<WebhookSecret>(await by.send(`/v1/webhooks/secret?url=${url}`))).secret;
  };

  it('tells the end of the run, signed so that a Standard Webhooks library verifies it', async () => {
    const run = await start('/once');
    const [delivery] = await until('/once', 1);
    const known = await secret('/once');
    expect(await secret('/once?run=1')).toBe(known);
    const verified = new Webhook(known).verify(delivery?.body ?? '', delivery?.headers ?? {});
    const { images: _, steps: __, ...summary } = run;
    expect(webhookEvent.parse(verified)).toEqual({
      type: 'run.completed',
      timestamp: run.finished_at,
      data: summary,
    });
    expect(delivery?.headers['webhook-id']).toBe(`msg_${run.id}`);
    const forged = (delivery?.body ?? '').replace('7.10', '9.10');
    expect(() => new Webhook(known).verify(forged, delivery?.headers ?? {})).toThrow();
    const stranger = await secret('/once', await newClient(TENANT));
    // Nor does another key's secret of this endpoint verify it, or this key's of another endpoint.
    for (const other of [stranger, await secret('/twice'), await secret('/once/')]) {
      expect(() => new Webhook(other).verify(delivery?.body ?? '', delivery?.headers ?? {})).toThrow();
    }
  });

  it('is tried again until it is taken, each time under the same id', async () => {
    await start('/fails-2/x');
    const all = await until('/fails-2/x', 3);
    expect(new Set(all.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await delivered('/fails-2/x')).toHaveLength(3);
  });

  it('is not tried again where the receiver is gone', async () => {
    const run = await start('/gone/x');
    await until('/gone/x', 1);
    for (let wait = 0; (await runDurableObjectAlarm(objectOf(TENANT, run.id))) && wait < 3; wait++);
    expect(await delivered('/gone/x')).toHaveLength(1);
  });

  it('tells of a run that failed, and of one that was canceled', async () => {
    await start('/failed', script(answer('x', { fault: 'unavailable', times: 99 })));
    expect(webhookEvent.parse(JSON.parse((await until('/failed', 1))[0]?.body ?? '')).type).toBe(
      'run.failed',
    );
    const going = await bodyOf<Run>(
      await client.post('/v1/runs', {
        question: script(call('OCR', { image: 'image-0' }, { delayMs: 800 }), answer('x')),
        images,
        webhook_url: 'https://hooks.test/canceled',
        background: true,
      }),
      202,
    );
    await client.post(`/v1/runs/${going.id}/cancel`, {});
    expect(webhookEvent.parse(JSON.parse((await until('/canceled', 1))[0]?.body ?? '')).type).toBe(
      'run.canceled',
    );
  });

  it('is signed with both secrets after a rotation', async () => {
    const [before, elsewhere] = [await secret('/rotated'), await secret('/elsewhere')];
    const url = 'https://hooks.test/rotated';
    const { secret: after, endpoint } = await bodyOf<WebhookSecret>(
      await client.post('/v1/webhooks/secret/rotate', { url }),
    );
    expect(endpoint).toBe(url);
    expect(after).not.toBe(before);
    expect([await secret('/rotated'), await secret('/elsewhere')]).toEqual([after, elsewhere]);
    await start('/rotated');
    const [delivery] = await until('/rotated', 1);
    for (const each of [before, after]) {
      expect(() => new Webhook(each).verify(delivery?.body ?? '', delivery?.headers ?? {})).not.toThrow();
    }
  });

  it('stops after the last attempt, and the run is forgotten at its time', async () => {
    const run = await start('/fails-99/x');
    await until('/fails-99/x', 1);
    await insideObject(TENANT, run.id, (storage) => {
      storage.sql.exec('UPDATE run SET webhook_attempts = ?, webhook_at = 1', WEBHOOK_ATTEMPTS_MAX - 1);
    });
    const stateOf = () =>
      insideObject(TENANT, run.id, ({ sql }) =>
        sql.exec('SELECT webhook_attempts, webhook_at FROM run').one(),
      );
    await runDurableObjectAlarm(objectOf(TENANT, run.id));
    const last = { webhook_attempts: WEBHOOK_ATTEMPTS_MAX, webhook_at: null };
    expect(await stateOf()).toEqual(last);
    const { length } = await delivered('/fails-99/x');
    await runDurableObjectAlarm(objectOf(TENANT, run.id));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stateOf()).toEqual(last);
    expect(await delivered('/fails-99/x')).toHaveLength(length);
    const alarm = await insideObject(TENANT, run.id, (storage) => storage.getAlarm());
    expect(alarm).toBe(Date.parse(run.expires_at));
  });

  it('422: an endpoint that no webhook could go to has no secret', async () => {
    for (const query of ['', '?url=x', '?url=http%3A%2F%2Fhooks.test', '?url=https%3A%2F%2F10.0.0.1%2F']) {
      expect(await problemOf(await client.send(`/v1/webhooks/secret${query}`), 422)).toMatchObject({
        errors: [{ path: 'url' }],
      });
    }
  });

  it('422: where its host leads into a private network, before anything is started', async () => {
    const reply = await client.post('/v1/runs', { ...body, webhook_url: 'https://nowhere.test/x' });
    expect(await problemOf(reply, 422)).toMatchObject({
      code: 'url_not_allowed',
      errors: [{ path: 'webhook_url' }],
    });
  });
});
