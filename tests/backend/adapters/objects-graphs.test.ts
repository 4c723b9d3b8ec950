/** Adapters of detectors, from manifest to answer, on small random graphs with the inputs and outputs of the real ones. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#backend/models/onnx/graph';
import { suppress } from '#backend/tools/adapters/detections';
import { boxesOf, captionOf } from '#backend/tools/adapters/grounding-dino';
import { IMAGENET, planesOf } from '#backend/tools/adapters/input';
import { objectsOf, planesForOwl } from '#backend/tools/adapters/owlv2';
import { createPlace, type Place } from '../packs/support.ts';
import { mean, meanOf, near, open, sumOf, tokenizer, vocabulary } from './graph-support.ts';
import { floats, never, noise } from './support.ts';

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place.remove());

describe('objects', () => {
  it('GroundingDINO is asked once a phrase, and gives the names as they were written', async () => {
    const [queries, columns] = [900, 256];
    const logits = floats(queries * columns, 11, 4, -1.3);
    const boxes = floats(queries * 4, 12, 1, 0);
    const graph = new GraphBuilder('grounding');
    const pixels = graph.input('pixel_values', 'float32', [1, 3, 800, 800]);
    const names = ['input_ids', 'token_type_ids', 'attention_mask'] as const;
    const [ids, types, mask] = names.map((name) => graph.input(name, 'int64', [1, 't']));
    const pixelMask = graph.input('pixel_mask', 'int64', [1, 800, 800]);
    const parts = [ids, types, mask].map((value) => sumOf(graph, value as Value));
    const words = graph.node('Mul', [graph.node('Sum', parts), graph.float(0.01)]);
    const whole = graph.node('Mul', [sumOf(graph, pixelMask), graph.float(1e-6)]);
    const shift = graph.node('Sum', [meanOf(graph, pixels), words, whole]);
    graph.node('Add', [graph.floats(logits, [1, queries, columns]), shift], { names: ['logits'] });
    graph.node('Identity', [graph.floats(boxes, [1, queries, 4])], { names: ['pred_boxes'] });
    graph.output('logits', 'float32', [1, queries, columns]);
    graph.output('pred_boxes', 'float32', [1, queries, 4]);

    const model = await open(place, 'objects', 'grounding-dino', {
      'model.onnx': graph.finish(),
      'vocab.txt': vocabulary,
    });
    const image = noise(800, 800, 6);
    const found = await model.detect(image, ['Cat', 'red ball', '...'], never);
    const light = mean(planesOf(image, IMAGENET));
    const of = (name: string, idList: number[]) => {
      const sum = 0.01 * (idList.reduce((all, id) => all + id, 0) + idList.length) + 0.64 + light;
      return boxesOf(
        logits.map((value) => value + sum),
        boxes,
        columns,
        idList.length,
      ).map((box) => ({ ...box, name }));
    };
    expect(captionOf('red ball')).toBe('red ball .');
    const all = [...of('Cat', [2, 5, 4, 3]), ...of('red ball', [2, 6, 7, 4, 3])].sort(
      (a, b) => b.score - a.score,
    );
    expect(all.length).toBeGreaterThan(2);
    expect(found[0]).toEqual({
      name: all[0]?.name,
      box: all[0]?.box,
      score: expect.closeTo(all[0]?.score ?? 0, 3),
    });
    // Both phrases found the same boxes here: the better one keeps them.
    expect(found.map(({ name, box }) => ({ name, box }))).toEqual(
      suppress(all, 0.7, 100).map(({ name, box }) => ({ name, box })),
    );
    expect((await model.detect(image, ['Cat'], never))[0]?.name).toBe('Cat');
    expect(await model.detect(image, [], never)).toEqual([]);
  });

  it('OWLv2 is asked for all names at once, 16 tokens each', async () => {
    const patches = 3600;
    const logits = floats(patches, 13, 6, -0.9);
    const boxes = floats(patches * 4, 14, 0.5, 0);
    const graph = new GraphBuilder('owl');
    const pixels = graph.input('pixel_values', 'float32', [1, 3, 960, 960]);
    const ids = graph.input('input_ids', 'int64', ['q', 16]);
    const mask = graph.input('attention_mask', 'int64', ['q', 16]);
    const words = graph.node('Add', [sumOf(graph, ids, 1), sumOf(graph, mask, 1)]);
    const shift = graph.node('Add', [graph.node('Mul', [words, graph.float(0.05)]), meanOf(graph, pixels)]);
    graph.node('Add', [graph.floats(logits, [1, patches, 1]), shift], { names: ['logits'] });
    graph.node('Identity', [graph.floats(boxes, [1, patches, 4])], { names: ['pred_boxes'] });
    graph.output('logits', 'float32', [1, patches, 'q']);
    graph.output('pred_boxes', 'float32', [1, patches, 4]);

    const model = await open(place, 'objects', 'owlv2', {
      'model.onnx': graph.finish(),
      'tokenizer.json': tokenizer,
    });
    const image = noise(96, 48, 7);
    const light = mean(planesForOwl(image));
    // [CLS] cat [SEP] and [CLS] red ball [SEP], and how many tokens are not padding.
    const shifts = [0.05 * (10 + 3) + light, 0.05 * (18 + 4) + light];
    const all = Float32Array.from(
      { length: patches * 2 },
      (_, i) => (logits[i >> 1] as number) + (shifts[i & 1] as number),
    );
    const expected = objectsOf(all, boxes, ['cat', 'red ball'], image);
    const found = await model.detect(image, ['cat', 'red ball'], never);
    expect(found.map(({ name, box }) => ({ name, box }))).toEqual(
      expected.map(({ name, box }) => ({ name, box })),
    );
    expect(found.map(({ score }) => score)).toEqual(near(expected.map(({ score }) => score)));
    expect(found.length).toBeGreaterThan(0);
    expect(await model.detect(image, [], never)).toEqual([]);
  });
});
