/** What a run has cost is booked exactly once, whatever dies between its end and the booking. */
import { abortAllDurableObjects } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { type KeyRpc, stubOf } from '#edge/keys/rpc';
import type { Run } from '#shared/api';
import { limitsState } from '#shared/api/usage';
import { plans } from '#shared/plans';
import {
  answer,
  bodyOf,
  type Client,
  call,
  clientOf,
  eventsOf,
  idOf,
  insideObject,
  insideStub,
  migrate,
  newKey,
  onInstance,
  pngInput,
  script,
  settings,
} from './support.ts';

beforeAll(migrate);

const TENANT = 'settling';
const { concurrentRuns, unitsPerDay } = plans.pro;
const calculate = (delayMs: number) => call('Calculate', { expression: '1 + 1' }, { delayMs });

type Booked = { readonly places: number; readonly units: number; readonly steps: number };

async function newCaller(): Promise<{ client: Client; key: string }> {
  const key = await newKey(TENANT, undefined, { plan: 'pro' });
  return { client: clientOf(key), key };
}

/** What the ledger of the key holds: places of runs, units of the day, steps in its usage. */
async function booked({ client, key }: { client: Client; key: string }): Promise<Booked> {
  const state = limitsState.parse(await bodyOf(await client.send('/v1/limits')));
  const used = (name: string, quota: number) =>
    quota - (state.data.find((meter) => meter.name === name)?.remaining ?? Number.NaN);
  const steps = await insideStub(stubOf(settings.KEYS, idOf(key)), ({ sql }) =>
    Number(sql.exec('SELECT coalesce(sum(steps), 0) AS steps FROM usage').one()['steps']),
  );
  return { places: used('runs', concurrentRuns), units: used('day', unitsPerDay), steps };
}

/** The limiter of a key takes no settling for as long as its process lives: RPC finds no method behind an own property. */
const breakLimiter = (key: string): Promise<void> =>
  onInstance(stubOf(settings.KEYS, idOf(key)), (instance) => {
    Object.assign(instance as object, { settle: undefined });
  });

const start = async (client: Client, question: string): Promise<Run> =>
  bodyOf(
    await client.post('/v1/runs', { question, images: [pngInput], max_steps: 8, background: true }),
    202,
  );

const ended = async (client: Client, id: string): Promise<Run> =>
  bodyOf(await client.send(`/v1/runs/${id}`, { headers: { prefer: 'wait=10' } }));

describe('cost_units', () => {
  it.each([
    ['succeeded', script(calculate(0), answer('2')), 2],
    ['failed', script(calculate(0), answer('2', { fault: 'error-event', times: 99 })), 1],
  ] as const)('of a run that %s are the units that were booked', async (status, question, units) => {
    const caller = await newCaller();
    const { id } = await start(caller.client, question);
    const run = await ended(caller.client, id);
    expect(run).toMatchObject({ status, usage: { steps: units, cost_units: units } });
    await expect.poll(() => booked(caller)).toEqual({ places: 0, units, steps: units });
  });

  it.each(['cancel', 'delete'] as const)(
    'of a run that was ended by %s are the units that were booked',
    async (how) => {
      const caller = await newCaller();
      const { client } = caller;
      const { id } = await start(client, script(calculate(0), answer('2', { delayMs: 1_000 })));
      const begun = await client.send(`/v1/runs/${id}/events`);
      await eventsOf(begun, (event) => event.type === 'step.started' && event.index === 1);
      expect(await booked(caller)).toEqual({ places: 1, units: 8, steps: 0 });
      if (how === 'cancel') {
        const run: Run = await bodyOf(await client.send(`/v1/runs/${id}/cancel`, { method: 'POST' }));
        expect(run).toMatchObject({ status: 'canceled', usage: { steps: 1, cost_units: 1 } });
      } else {
        expect((await client.send(`/v1/runs/${id}`, { method: 'DELETE' })).status).toBe(204);
      }
      await expect.poll(() => booked(caller)).toEqual({ places: 0, units: 1, steps: 1 });
    },
  );
});

describe('everything is killed after a run has ended and before its limits heard of it', () => {
  it.each(['left alone', 'deleted'] as const)('a run that was %s is settled all the same', async (fate) => {
    const caller = await newCaller();
    const { client, key } = caller;
    const { id } = await start(client, script(calculate(100), answer('2')));
    await breakLimiter(key);
    expect(await ended(client, id)).toMatchObject({ status: 'succeeded', usage: { cost_units: 2 } });
    if (fate === 'deleted')
      expect((await client.send(`/v1/runs/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await booked(caller)).toEqual({ places: 1, units: 8, steps: 0 });
    await abortAllDurableObjects();
    // Only the alarm of the run can do it: nothing asks for the run any more.
    await expect.poll(() => booked(caller), { timeout: 20_000 }).toEqual({ places: 0, units: 2, steps: 2 });
  });

  it('and settled once, when only the acknowledgement was lost', async () => {
    const caller = await newCaller();
    const { client, key } = caller;
    const { id } = await start(client, script(calculate(100), answer('2')));
    await breakLimiter(key);
    await ended(client, id);
    // A new stub each time: one whose object was aborted stays broken.
    const open = () =>
      insideObject(TENANT, id, ({ sql }) => sql.exec('SELECT lease, spent FROM settlement').toArray());
    const [due] = await open();
    await onInstance(stubOf(settings.KEYS, idOf(key)), (instance) => {
      const { settle } = Object.getPrototypeOf(instance) as KeyRpc;
      return settle.call(
        instance as KeyRpc,
        JSON.parse(String(due?.['lease'])),
        JSON.parse(String(due?.['spent'])),
      );
    });
    const once = { places: 0, units: 2, steps: 2 };
    expect(await booked(caller)).toEqual(once);
    await abortAllDurableObjects();
    await expect.poll(open, { timeout: 20_000 }).toEqual([]);
    expect(await booked(caller)).toEqual(once);
  });
});
