import { describe, expect, it } from 'vitest';
import type { CallOptions } from '#edge/backend/client';
import { BackendFailure } from '#edge/backend/failure';
import { callTool, type ToolCall, type ToolPorts } from '#edge/tools/call';
import type { StoredImage, ToolResponse } from '#shared/contract';
import { STORED_OBSERVATION_CHARS_MAX } from '#shared/limits';
import type { ToolSpec } from '#shared/tool';
import { toolSpec } from '#shared/tools/index';

const made: StoredImage = { sha256: 'b'.repeat(64), media_type: 'image/png', width: 2, height: 2, bytes: 70 };
const ocrReply: ToolResponse = { observation: { text: 'A', regions: [] }, images: [], ms: 1 };

/** A backend that answers each call with the next of `replies`, and a cache in memory. */
function worldOf(...replies: Array<ToolResponse | Error>) {
  const entries = new Map<string, string>();
  const asked: string[] = [];
  let ownsMade = true;
  const ports: ToolPorts = {
    now: () => 0,
    lookups: { documents: async () => [] },
    backend: {
      tool: async (name) => {
        asked.push(name);
        const reply = replies.shift();
        if (reply === undefined || reply instanceof Error) throw reply ?? new Error('asked too often');
        return reply;
      },
    },
    cache: {
      get: async (key: string) => JSON.parse(entries.get(key) ?? 'null'),
      put: async (key: string, value: string) => void entries.set(key, value),
    } as unknown as ToolPorts['cache'],
    keep: async () => 'img_made',
    kept: async () => (ownsMade ? 'img_made' : undefined),
  };
  return { ports, asked, entries, lose: () => (ownsMade = false) };
}

function callOf(name: string, input: Record<string, unknown>, more: Partial<ToolCall> = {}): ToolCall {
  const spec = toolSpec(name) as ToolSpec;
  const images = ['a'.repeat(64)];
  return {
    tenant: 't',
    spec,
    version: '1',
    arguments: input as ToolCall['arguments'],
    images,
    cache: 'auto',
    ...more,
  };
}

const ocr = callOf('OCR', { image: 'image-0' });
const options = {} as CallOptions;

describe('a result that is a success', () => {
  it('is kept and given again without a call', async () => {
    const { ports, asked } = worldOf(ocrReply);
    const first = await callTool(ports, ocr, options);
    expect(await callTool(ports, ocr, options)).toEqual({ ...first, cached: true });
    expect(asked).toEqual(['OCR']);
  });

  it('is shared by runs whose other images differ, and only by those that name the same image', async () => {
    const { ports, asked } = worldOf(ocrReply, ocrReply);
    await callTool(ports, ocr, options);
    expect((await callTool(ports, { ...ocr, images: [...ocr.images, 'c'.repeat(64)] }, options)).cached).toBe(
      true,
    );
    expect((await callTool(ports, { ...ocr, images: ['c'.repeat(64)] }, options)).cached).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('whose image has expired is made anew', async () => {
    const crop = { observation: { bbox: [0, 0, 1, 1] }, images: [made], ms: 1 };
    const { ports, asked, lose } = worldOf(crop, crop);
    const call = callOf('Crop', { image: 'image-0', bbox: [0, 0, 1, 1] });
    await callTool(ports, call, options);
    expect(await callTool(ports, call, options)).toMatchObject({ cached: true, image: { id: 'img_made' } });
    lose();
    expect((await callTool(ports, call, options)).cached).toBe(false);
    expect(asked).toHaveLength(2);
  });
});

describe('what goes wrong becomes an observation, and is never kept', () => {
  const reply = (observation: object): ToolResponse => ({
    observation: observation as ToolResponse['observation'],
    images: [],
    ms: 1,
  });
  const refused = new BackendFailure('refusal', 'invalid_request', 'the box is empty');
  it.each<[string, ToolResponse | Error, string]>([
    ['an error of the tool', reply({ error: { code: 'empty_box', message: 'no' } }), 'empty_box'],
    ['a result of another shape', reply({ text: 7 }), 'tool_failed'],
    [
      'a result that is too large',
      reply({ text: 'x'.repeat(STORED_OBSERVATION_CHARS_MAX), regions: [] }),
      'observation_too_large',
    ],
    ['a refusal of the backend', refused, 'invalid_request'],
    ['replies without sense', new BackendFailure('reply', 'backend_error', 'HTML'), 'tool_failed'],
    [
      'a tool that takes too long',
      new BackendFailure('outage', 'deadline_exceeded', 'slow'),
      'deadline_exceeded',
    ],
    ['an exception', new TypeError('boom'), 'tool_failed'],
  ])('%s', async (_, answer, code) => {
    const { ports, entries } = worldOf(answer);
    const result = await callTool(ports, ocr, options);
    expect(result.observation).toMatchObject({ error: { code, message: expect.any(String) } });
    expect(JSON.stringify(result)).not.toContain('boom');
    expect(entries.size).toBe(0);
  });
});

// Without this a run would go on blindly, and answer wrongly, while its backend restarts.
it('a backend that stays away is no observation: the run has to know', async () => {
  const { ports } = worldOf(new BackendFailure('outage', 'backend_unavailable', 'gone'));
  await expect(callTool(ports, ocr, options)).rejects.toMatchObject({ code: 'backend_unavailable' });
});

it('an inline tool runs here', async () => {
  const { ports, asked } = worldOf();
  const result = await callTool(ports, callOf('Calculate', { expression: '2 + 3' }), options);
  expect(result.observation).toEqual({ result: 5 });
  expect(asked).toEqual([]);
});
