import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { advertisedToolSpecs, toolSpec, toolSpecs } from '#shared/tools/index';

test('the action space is that of the paper, in its order, and two tools for callers', () => {
  expect(toolSpecs.map((spec) => spec.name)).toEqual([
    'OCR',
    'LocalizeObjects',
    'GetObjects',
    'EstimateRegionDepth',
    'EstimateObjectDepth',
    'Crop',
    'ZoomIn',
    'QueryLanguageModel',
    'GetImageToImagesSimilarity',
    'GetImageToTextsSimilarity',
    'GetTextToImagesSimilarity',
    'DetectFaces',
    'QueryKnowledgeBase',
    'Calculate',
    'SolveMathEquation',
    'Terminate',
    'VisualizeRegionsOnImage',
    'VisualizeDepth',
  ]);
  expect(advertisedToolSpecs).toHaveLength(16);
});

test.each(['constructor', '__proto__', 'toString', 'ocr', '', 'OCR '])('%j names no tool', (name) => {
  expect(toolSpec(name)).toBeUndefined();
});

describe.each(toolSpecs.map((spec) => [spec.name, spec] as const))('%s', (name, spec) => {
  test('is found by its name', () => {
    expect(toolSpec(name)).toBe(spec);
  });

  test('accepts its own examples', () => {
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const example of spec.examples)
      expect(spec.arguments.parse(example.arguments)).toEqual(example.arguments);
  });

  test('refuses an argument that is not listed', () => {
    const withHidden = { ...spec.examples[0]?.arguments, tool_version: 'https://example.org/weights' };
    expect(spec.arguments.safeParse(withHidden).success).toBe(false);
  });

  test('refuses to be called without arguments', () => {
    expect(spec.arguments.safeParse({}).success).toBe(false);
  });

  test('gives a JSON schema that is closed and bounded, for grammars and listings', () => {
    const schema = z.toJSONSchema(spec.arguments, { io: 'input' });
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(unboundedIn(schema)).toEqual([]);
    expect(z.toJSONSchema(spec.observation)).toMatchObject({ type: 'object' });
  });

  test('names image arguments and planner fields that it has', () => {
    const properties = Object.keys(spec.arguments.shape);
    const fields = Object.keys(z.toJSONSchema(spec.observation).properties ?? {});
    expect(properties).toEqual(expect.arrayContaining([...spec.imageArguments]));
    expect(fields).toEqual(expect.arrayContaining([...spec.plannerFields]));
    expect(properties.filter((property) => property.includes('image'))).toEqual([...spec.imageArguments]);
  });
});

test.each([
  ['EstimateRegionDepth', { image: 'image-0', bbox: [0, 0, 1] }],
  ['Crop', { image: 'image-0', bbox: [0, 0, 1, Number.POSITIVE_INFINITY] }],
  ['Crop', { image: 'image-0', bbox: [0, 0, 1, Number.NaN] }],
  ['Crop', { image: 'image-0', bbox: '[0, 0, 1, 1]' }],
  ['Crop', { image: '../7/image-1', bbox: [0, 0, 1, 1] }],
  ['OCR', { image: 'https://example.org/a.png' }],
  ['ZoomIn', { image: 'image-0', bbox: [0, 0, 1, 1], zoom_factor: 1 }],
  ['ZoomIn', { image: 'image-0', bbox: [0, 0, 1, 1], zoom_factor: 9 }],
  ['LocalizeObjects', { image: 'image-0', objects: [] }],
  ['LocalizeObjects', { image: 'image-0', objects: ['x'.repeat(81)] }],
  ['QueryLanguageModel', { query: '   ' }],
  ['Calculate', { expression: '1+'.repeat(200) }],
  ['Terminate', { answer: 12 }],
  ['VisualizeRegionsOnImage', { image: 'image-0', regions: [{ bbox: [0, 0, 1, 1], colour: 'red' }] }],
])('%s refuses %j', (name, input) => {
  expect(toolSpec(name)?.arguments.safeParse(input).success).toBe(false);
});

/** Paths of strings and lists in a JSON schema that say no upper bound. */
function unboundedIn(schema: unknown, path = '$'): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const node = schema as Record<string, unknown>;
  const bounded = 'maxLength' in node || 'pattern' in node || 'enum' in node || 'maxItems' in node;
  const open = (node['type'] === 'string' || node['type'] === 'array') && !bounded ? [path] : [];
  return [...open, ...Object.entries(node).flatMap(([key, child]) => unboundedIn(child, `${path}.${key}`))];
}
