import { expect, it } from 'vitest';
import { byPreference } from '#edge/backend/pool';

const backends = [
  'http://10.0.0.1:8788',
  'http://10.0.0.2:8788',
  'http://10.0.0.3:8788',
  'http://10.0.0.4:8788',
];
const keys = Array.from({ length: 4_000 }, (_, index) => `run_${index}`);

it('keys spread evenly over the backends', () => {
  const counts = backends.map(
    (backend) => keys.filter((key) => byPreference(backends, key)[0] === backend).length,
  );
  for (const count of counts) expect(Math.abs(count - keys.length / backends.length)).toBeLessThan(150);
});

// A backend that leaves must not cost the others their KV caches.
it('only the keys of a backend that leaves move', () => {
  const rest = backends.slice(0, 3);
  for (const key of keys) {
    const [before] = byPreference(backends, key);
    if (before !== backends[3]) expect(byPreference(rest, key)[0]).toBe(before);
  }
});

it('the order of the list does not matter', () => {
  expect(byPreference([...backends].reverse(), 'run_7')).toEqual(byPreference(backends, 'run_7'));
});
