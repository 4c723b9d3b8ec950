/** One address, one Durable Object: how many wrong keys came from it. */
import { DurableObject } from 'cloudflare:workers';
import { type Bucket, take } from '#edge/limits/gcra';
import { FAILED_KEYS_PER_MINUTE } from '#shared/limits';
import type { AddressRpc } from './rpc.ts';

const RATE = { quota: FAILED_KEYS_PER_MINUTE, windowMs: 60_000 };

export class AddressObject extends DurableObject implements AddressRpc {
  clock: () => number = Date.now;
  /** Kept in memory alone: what is forgotten with the object is a minute of one address. */
  #bucket: Bucket | undefined;

  async fail(): Promise<number> {
    const taken = take(RATE, this.#bucket, 1, this.clock());
    this.#bucket = taken.bucket;
    return taken.retryAfterMs;
  }
}
