/** What a listing says against the models behind a tool. */
import { describe, expect, it } from 'vitest';
import { whyExperimental } from '#edge/tools/available';
import { backendHealth } from '#shared/contract';
import { toolSpec } from '#shared/tools/index';

type Model = { role: string; state?: 'ready' | 'refused'; experimental?: string };

const healthOf = (models: readonly Model[]) =>
  backendHealth.parse({
    status: 'ok',
    contract: 1,
    device: 'cpu',
    planner: null,
    tools: [],
    models: models.map((model) => ({ pack: 'any', state: 'ready', ...model })),
  });

function whyOf(name: string, ...backends: ReadonlyArray<readonly Model[] | undefined>): string | undefined {
  const spec = toolSpec(name);
  if (!spec) throw new Error(`no ${name}`);
  return whyExperimental(
    spec,
    backends.map((models) => models && healthOf(models)),
  );
}

const drawn = { role: 'objects', experimental: 'Drawings only.' };

describe('a tool is experimental', () => {
  it('when a model that it needs is', () => {
    expect(whyOf('LocalizeObjects', [drawn])).toBe('Drawings only.');
    expect(
      whyOf('EstimateObjectDepth', [drawn, { role: 'depth', experimental: 'Rendered rooms only.' }]),
    ).toBe('Drawings only. Rendered rooms only.');
    expect(whyOf('EstimateObjectDepth', [drawn, { role: 'depth', experimental: 'Drawings only.' }])).toBe(
      'Drawings only.',
    );
  });

  it('not for a model of another role, one that was refused, or where no backend answers', () => {
    expect(whyOf('DetectFaces', [drawn, { role: 'faces' }])).toBeUndefined();
    expect(whyOf('LocalizeObjects', [{ ...drawn, state: 'refused' }])).toBeUndefined();
    expect(whyOf('LocalizeObjects', undefined, [])).toBeUndefined();
    expect(whyOf('Crop', [drawn])).toBeUndefined();
  });

  it('by the first role that answers, where any of several will do', () => {
    expect(whyOf('GetObjects', [drawn, { role: 'tags' }])).toBeUndefined();
    expect(whyOf('GetObjects', [drawn])).toBe('Drawings only.');
  });
});
