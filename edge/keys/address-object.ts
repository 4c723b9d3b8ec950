/** One address, one Durable Object: how many wrong keys came from it, forgotten a while after the last. */
import { DurableObject } from 'cloudflare:workers';
import * as z from 'zod';
import { take } from '#edge/limits/gcra';
import { FAILED_KEYS_PER_MINUTE } from '#shared/limits';
import type { AddressRpc } from './rpc.ts';

const RATE = { quota: FAILED_KEYS_PER_MINUTE, windowMs: 60_000 };

const stored = z.object({ debt: z.number(), at: z.number() }).optional();

export class AddressObject extends DurableObject implements AddressRpc {
  /** Replaced by tests. */
  clock: () => number = Date.now;

  async fail(): Promise<number> {
    const { storage } = this.ctx;
    // No await between the two, and on disk: an object that is idle is soon put away.
    const taken = take(RATE, stored.parse(storage.kv.get('bucket')), 1, this.clock());
    storage.kv.put('bucket', taken.bucket);
    void storage.setAlarm(Date.now() + 2 * RATE.windowMs);
    return taken.retryAfterMs;
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
