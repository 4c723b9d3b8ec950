/** Named objects on a fresh machine: the embedded detector and a picture that its training never saw. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { overlap } from '#backend/tools/adapters/detections';
import type { Box } from '#backend/tools/roles';
import { toolCallResponse } from '#shared/api';
import { readPictures } from '#training/eval/objects/pictures';
import { createScratch, type Scratch, type Started, start, stop, upload } from './system.ts';

const PICTURE = 'known-000.jpg';

let scratch: Scratch;
let server: Started;
beforeAll(async () => {
  scratch = await createScratch();
  server = await start(['--port', '0', '--state', join(scratch.folder, 'state')], scratch.environment);
});
afterAll(async () => {
  expect(await stop(server)).toBe(0);
  await scratch.remove();
});

it('are found and drawn, listed, and an unknown name is told, not guessed', async () => {
  const picture = (await readPictures()).find(({ file }) => file === PICTURE);
  if (!picture) throw new Error(`no ${PICTURE}`);
  const folder = new URL('../../training/eval/objects/pictures/', import.meta.url);
  const image_id = await upload(server, readFileSync(new URL(PICTURE, folder)));
  const call = async (tool: string, args: Record<string, unknown>) => {
    const response = await fetch(`${server.url}/v1/tools/${tool}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        arguments: { image: 'image-0', ...args },
        images: [{ type: 'image_id', image_id }],
      }),
    });
    expect(response.status).toBe(200);
    return toolCallResponse.parse(await response.json());
  };
  const names = [...new Set(picture.objects.map(({ name }) => name))];
  const localized = await call('LocalizeObjects', { objects: [...names, 'flux capacitor'] });
  const { regions, note } = localized.observation as unknown as {
    regions: { label: string; bbox: Box }[];
    note: string;
  };
  expect(localized.image_id).toMatch(/^img_/);
  expect(note).toMatch(/^Not known here: flux capacitor\. Known are: /);
  const right = regions.filter(({ label, bbox }) =>
    picture.objects.some(({ name, box }) => {
      const { width, height } = picture;
      const shown: Box = [box[0] / width, box[1] / height, box[2] / width, box[3] / height];
      return label.replace(/-\d+$/, '') === name && overlap(shown, bbox) >= 0.5;
    }),
  );
  expect(right.length).toBeGreaterThan(0);
  const listed = (await call('GetObjects', {})).observation as unknown as { objects: string[] };
  expect(listed.objects.every((name) => typeof name === 'string')).toBe(true);
  expect((await call('LocalizeObjects', { objects: ['flux capacitor'] })).observation).toMatchObject({
    regions: [],
  });
});
