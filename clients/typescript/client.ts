/** The client of one server. No dependency but `fetch`: browsers, Node, Workers, React Native. */
import { type Credential, createCredentials } from './credentials.ts';
import type { components } from './generated/api.ts';
import { createHttp, type Http } from './http.ts';
import { ports as defaultPorts, type Ports } from './ports.ts';
import { createRuns, type RequestOptions, type Runs } from './runs.ts';

type Schemas = components['schemas'];
export type Image = Schemas['Image'];
export type Tool = Schemas['ToolListing'];
export type ToolCall = Schemas['ToolCallRequest'];
export type ToolResult = Schemas['ToolCallResponse'];
export type ClientToken = Schemas['ClientToken'];
export type ClientTokenRequest = Schemas['ClientTokenRequest'];

/** A file, however it is at hand. */
export type Bytes = Blob | Uint8Array | ArrayBuffer;

export type ClientOptions = {
  /** Origin of the server, such as `https://taco.example.org`. */
  readonly baseUrl: string;
  readonly credential: Credential;
  /** Attempts after the first, for each request. */
  readonly retries?: number;
  /** For the head of a reply, in milliseconds. More than the 25 s that the server is asked to wait. */
  readonly timeoutMs?: number;
  /** Streams that break off so often in a row, with nothing new in between, are given up. */
  readonly reconnects?: number;
  /** A stream that is silent for longer counts as broken. The server says something every 15 s. */
  readonly idleMs?: number;
  /** Called with each photo before it is uploaded: scale it to 2048 pixels here. See downscale.ts for browsers. */
  readonly downscale?: (photo: Bytes) => Promise<Bytes>;
  readonly ports?: Partial<Ports>;
};

export type Client = {
  readonly runs: Runs;
  readonly images: {
    /** The same bytes get the same id, so uploading again does no harm. */
    upload(photo: Bytes, options?: RequestOptions & { readonly mediaType?: string }): Promise<Image>;
    /** The file that was uploaded, or that a tool made. */
    get(id: string, options?: RequestOptions): Promise<Blob>;
  };
  readonly tools: {
    list(options?: RequestOptions): Promise<Tool[]>;
    /** A tool that cannot work on its input gives `observation.error`; that is no exception. */
    call(name: string, call: ToolCall, options?: RequestOptions): Promise<ToolResult>;
  };
  /** For servers, whose key has the scope `tokens:mint`: hand the token to the app as it is. */
  readonly clientTokens: {
    create(request: ClientTokenRequest, options?: RequestOptions): Promise<ClientToken>;
    /** In effect with the next request. A token that is gone already is no error. */
    revoke(id: string, options?: RequestOptions): Promise<void>;
  };
};

export function createClient(options: ClientOptions): Client {
  const ports: Ports = { ...defaultPorts, ...options.ports };
  const http = createHttp({
    baseUrl: options.baseUrl.replace(/\/+$/, ''),
    credentials: createCredentials(options.credential, ports),
    ports,
    retries: options.retries ?? 4,
    timeoutMs: options.timeoutMs ?? 60_000,
  });
  const { reconnects = 10, idleMs = 45_000, downscale = async (photo: Bytes) => photo } = options;
  return {
    runs: createRuns({ http, ports, reconnects, idleMs }),
    images: imagesOf(http, downscale),
    tools: toolsOf(http),
    clientTokens: clientTokensOf(http),
  };
}

function imagesOf(http: Http, downscale: NonNullable<ClientOptions['downscale']>): Client['images'] {
  return {
    upload: async (photo, { mediaType, signal } = {}) => {
      const body = await downscale(photo);
      // A scaled photo may be of another type than the one that was given.
      const type = (body === photo ? mediaType : undefined) ?? typeOf(body);
      const headers = { 'content-type': type };
      const response = await http.send({
        method: 'POST',
        path: '/v1/images',
        headers,
        body: body as BodyInit,
        signal,
      });
      return (await response.json()) as Image;
    },
    get: async (id, { signal } = {}) => {
      const response = await http.send({
        method: 'GET',
        path: `/v1/images/${encodeURIComponent(id)}`,
        signal,
      });
      return await response.blob();
    },
  };
}

function toolsOf(http: Http): Client['tools'] {
  return {
    list: async ({ signal } = {}) => {
      const response = await http.send({ method: 'GET', path: '/v1/tools', signal });
      return ((await response.json()) as Schemas['ToolList']).data;
    },
    call: async (name, call, { signal } = {}) => {
      const response = await http.send({
        method: 'POST',
        path: `/v1/tools/${encodeURIComponent(name)}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(call),
        signal,
      });
      return (await response.json()) as ToolResult;
    },
  };
}

function clientTokensOf(http: Http): Client['clientTokens'] {
  return {
    create: async (request, { signal } = {}) => {
      const response = await http.send({
        method: 'POST',
        path: '/v1/client_tokens',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal,
      });
      return (await response.json()) as ClientToken;
    },
    revoke: (id, { signal } = {}) =>
      http.remove({ path: `/v1/client_tokens/${encodeURIComponent(id)}`, signal }),
  };
}

/** The server looks at the bytes; the header only says that they are no JSON. */
function typeOf(photo: Bytes): string {
  return photo instanceof Blob && photo.type !== '' ? photo.type : 'application/octet-stream';
}
