/** Whoever calls the backend as the edge does: with signatures, over connections that are kept. */
import { createHash, createHmac } from 'node:crypto';
import { SIGNATURE_HEADER, signedText, TIMESTAMP_HEADER } from '#shared/contract';
import { connections, exchange, type Reply } from './client.ts';

export const SECRET = 'a secret that only benchmarks know';

export type Picture = { readonly sha256: string; readonly bytes: Uint8Array };

export class Caller {
  readonly url: string;
  readonly #agent = connections();

  constructor(url: string) {
    this.url = url;
  }

  async send(
    method: 'POST' | 'PUT',
    path: string,
    body: string | Uint8Array,
    { sha256 = digestOf(body), signal }: { sha256?: string; signal?: AbortSignal } = {},
  ): Promise<Reply> {
    const timestamp = String(Date.now());
    const text = signedText(method, path, timestamp, sha256);
    const signature = createHmac('sha256', SECRET).update(text).digest('hex');
    return await exchange(this.#agent, this.url + path, {
      method,
      headers: { [SIGNATURE_HEADER]: signature, [TIMESTAMP_HEADER]: timestamp },
      body,
      ...(signal ? { signal } : {}),
    });
  }

  async put({ sha256, bytes }: Picture): Promise<void> {
    const { status, text } = await this.send('PUT', `/v1/images/${sha256}`, bytes, { sha256 });
    if (status >= 300) throw new Error(`PUT of an image: ${status} ${text}`);
  }

  /** Closes the connections that nobody uses. */
  close(): void {
    this.#agent.destroy();
  }
}

export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
