/** The only place that calls the inference backends. */

import { sha256Hex } from '#edge/storage/digest';
import {
  type BackendHealth,
  backendHealth,
  CONTRACT_VERSION,
  type EgressDelivery,
  type EgressFetch,
  egressDelivered,
  IDEMPOTENCY_HEADER,
  type StepRequest,
  type StoredImage,
  storedImage,
  type ToolRequest,
  type ToolResponse,
  toolResponse,
} from '#shared/contract';
import { EGRESS_WALL_MS_MAX } from '#shared/limits';
import { BackendFailure } from './failure.ts';
import { byPreference } from './pool.ts';
import { type RetryPorts, withRetries } from './retry.ts';
import { type PlannerTurn, readStep } from './step-stream.ts';
import { exchange, jsonBody, readBytes, readJson, type Transport } from './transport.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Where the bytes of an image come from when a backend lacks them. */
export type ImageSource = (sha256: string) => Promise<Bytes | undefined>;

export type CallOptions = {
  /** Calls with the same affinity prefer the same backend. */
  readonly affinity: string;
  /** The same key marks a repetition of the same call. */
  readonly idempotencyKey: string;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** No attempt starts later, in milliseconds since 1970. */
  readonly until: number;
  /** No attempt goes on later, in milliseconds since 1970. */
  readonly deadline: number;
  readonly images: ImageSource;
  /** Ends the call, and with it the work of the backend. */
  readonly signal?: AbortSignal;
};

/** Hears a turn while it is written: a piece and where in the turn it stands. Offset 0 starts anew. */
export type TurnListener = (text: string, offset: number) => void;

/** How often one attempt may be asked for images: a store under pressure may evict what was just put. */
const PUSH_ROUNDS_MAX = 3;

/** How long a backend that is away is looked for, and what a reply may take beyond the egress itself. */
const EGRESS_REPEAT_MS = 2_000;
const EGRESS_SLACK_MS = 3_000;

/** Every method throws BackendFailure, and nothing else. */
export class BackendClient {
  readonly #backends: readonly string[];
  readonly #transport: Transport;
  readonly #ports: RetryPorts;

  constructor(backends: readonly string[], transport: Transport, ports: RetryPorts) {
    this.#backends = backends;
    this.#transport = transport;
    this.#ports = ports;
  }

  /** One turn of the planner. */
  step(
    request: Omit<StepRequest, 'version' | 'deadline_ms'>,
    options: CallOptions,
    listen: TurnListener,
  ): Promise<PlannerTurn> {
    return this.#call('/v1/step', request, options, (response) => readStep(response, listen));
  }

  tool(
    name: string,
    request: Omit<ToolRequest, 'version' | 'deadline_ms'>,
    options: CallOptions,
  ): Promise<ToolResponse> {
    return this.#call(`/v1/tools/${name}`, request, options, (response) => readJson(response, toolResponse));
  }

  /** Has a backend decode and keep an image; a file that it cannot decode is a refusal. */
  putImage(sha256: string, bytes: Bytes, timeoutMs: number, until: number): Promise<StoredImage> {
    return withRetries(this.#ports, byPreference(this.#backends, sha256), { until }, (backend) =>
      this.#putTo(backend, sha256, bytes, timeoutMs),
    );
  }

  /** The bytes of an image that a tool made; asks every backend, since any may have made it. */
  getImage(sha256: string, affinity: string, timeoutMs: number, until: number): Promise<Bytes> {
    return withRetries(this.#ports, byPreference(this.#backends, affinity), { until }, async (backend) => {
      const path = `/v1/images/${sha256}`;
      const bytes = await exchange(this.#transport, backend, { method: 'GET', path, timeoutMs }, readBytes);
      if ((await sha256Hex(bytes)) === sha256) return bytes;
      throw new BackendFailure('reply', 'backend_error', 'the bytes of an image do not match its digest');
    });
  }

  /** Whether a URL of a caller may be opened: a refusal when it may not. */
  checkUrl(url: string): Promise<void> {
    return this.#egress('check', { url }, EGRESS_REPEAT_MS, async () => undefined);
  }

  /** The bytes behind a URL, or a refusal that says why there are none. */
  fetchUrl(request: Omit<EgressFetch, 'version'>): Promise<Bytes> {
    return this.#egress('fetch', request, EGRESS_REPEAT_MS, readBytes);
  }

  /** Delivers a webhook, once, and gives the status of the receiver. */
  async deliver(request: Omit<EgressDelivery, 'version'>): Promise<number> {
    const read = (response: Response) => readJson(response, egressDelivered);
    return (await this.#egress('deliver', request, 0, read)).status;
  }

  /** State of each backend; undefined for one that does not answer or speaks another contract. */
  health(timeoutMs: number): Promise<Array<BackendHealth | undefined>> {
    const request = { method: 'GET', path: '/healthz', timeoutMs } as const;
    const ask = async (backend: string): Promise<BackendHealth | undefined> => {
      const health = await exchange(this.#transport, backend, request, (response) =>
        readJson(response, backendHealth),
      );
      return health.contract === CONTRACT_VERSION ? health : undefined;
    };
    return Promise.all(this.#backends.map((backend) => ask(backend).catch(() => undefined)));
  }

  #egress<Result>(
    what: string,
    request: { readonly url: string },
    repeatMs: number,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const bounds = { until: this.#ports.now() + repeatMs };
    const path = `/v1/egress/${what}`;
    const headers = { 'content-type': 'application/json' };
    const body = jsonBody({ ...request, version: CONTRACT_VERSION });
    const timeoutMs = EGRESS_WALL_MS_MAX + EGRESS_SLACK_MS;
    return withRetries(this.#ports, byPreference(this.#backends, request.url), bounds, (backend) =>
      exchange(this.#transport, backend, { method: 'POST', path, headers, body, timeoutMs }, read),
    );
  }

  #call<Result>(
    path: string,
    request: Readonly<Record<string, unknown>>,
    options: CallOptions,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const order = byPreference(this.#backends, options.affinity);
    const headers = { 'content-type': 'application/json', [IDEMPOTENCY_HEADER]: options.idempotencyKey };
    return withRetries(this.#ports, order, options, (backend) =>
      this.#withImages(backend, options, () => {
        const left = Math.min(options.timeoutMs, options.deadline - this.#ports.now());
        const timeoutMs = Math.max(1, Math.ceil(left));
        const body = jsonBody({ ...request, version: CONTRACT_VERSION, deadline_ms: timeoutMs });
        const { signal } = options;
        const call = {
          method: 'POST',
          path,
          headers,
          body,
          timeoutMs,
          ...(signal ? { signal } : {}),
        } as const;
        return exchange(this.#transport, backend, call, read);
      }),
    );
  }

  /** Repeats `send` for as long as the backend asks for images that we can give it. */
  async #withImages<Result>(
    backend: string,
    options: CallOptions,
    send: () => Promise<Result>,
  ): Promise<Result> {
    for (let round = 0; ; round++) {
      try {
        return await send();
      } catch (error) {
        const asksForImages = error instanceof BackendFailure && error.code === 'images_missing';
        if (!asksForImages) throw error;
        if (round === PUSH_ROUNDS_MAX || error.missing.length === 0) {
          throw new BackendFailure('reply', 'backend_error', 'the backend keeps asking for images', {
            cause: error,
          });
        }
        for (const sha256 of error.missing) await this.#push(backend, sha256, options);
      }
    }
  }

  async #push(backend: string, sha256: string, { images, timeoutMs }: CallOptions): Promise<void> {
    const bytes = await images(sha256);
    if (!bytes) {
      throw new BackendFailure('refusal', 'image_unknown', 'an image has expired; upload it again');
    }
    await this.#putTo(backend, sha256, bytes, timeoutMs);
  }

  #putTo(backend: string, sha256: string, bytes: Bytes, timeoutMs: number): Promise<StoredImage> {
    const put = { method: 'PUT', path: `/v1/images/${sha256}`, body: bytes, timeoutMs } as const;
    return exchange(this.#transport, backend, put, (response) => readJson(response, storedImage));
  }
}
