import { expect, test } from 'vitest';
import { KvSequence } from '#backend/engine/kv-sequence';
import { OutputMemory } from '#backend/engine/output-memory';

const sequences = (count: number): KvSequence[] =>
  Array.from({ length: count }, () => new KvSequence({ layers: 1, heads: 1, headSize: 1 }));

test('what is lent is nobody else’s until the last of its sequences has let it go', () => {
  const memory = new OutputMemory();
  const [a, b, c] = sequences(3) as [KvSequence, KvSequence, KvSequence];
  const first = memory.lend(100, [a, b]);
  expect(memory.lend(100, [c])).not.toBe(first);
  memory.letGo(a);
  // A sequence holds nothing twice, so it lets nothing of another's go.
  memory.letGo(a);
  expect(memory.lend(100, [a])).not.toBe(first);
  memory.letGo(b);
  expect(memory.lend(100, [b])).toBe(first);
});

test('a sequence that is run again has read what it was given: its room is there for the next pass', () => {
  const memory = new OutputMemory();
  const [a] = sequences(1) as [KvSequence];
  const first = memory.lend(100, [a]);
  expect(memory.lend(90, [a])).toBe(first);
  // Of another size it is another's.
  const large = memory.lend(100_000, [a]);
  expect(large.length).toBeGreaterThanOrEqual(100_000);
  expect(memory.lend(100, [])).toBe(first);
});

test('room for what is copied at once is always the same, and grows', () => {
  const memory = new OutputMemory();
  const small = memory.passing(10);
  expect(memory.passing(20)).toBe(small);
  const large = memory.passing(1_000_000);
  expect(large.length).toBeGreaterThanOrEqual(1_000_000);
  expect(memory.passing(10)).toBe(large);
});
