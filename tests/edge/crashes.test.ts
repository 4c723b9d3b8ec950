/** R2 in small: `npm run bench -- crashes` with fewer runs and kills. */
import { expect, it } from 'vitest';
import { print, survive } from '../../bench/crashes.ts';

it('R2: runs whose edge and backend are killed again and again end right, each event seen once, each cost booked', async () => {
  const survived = await survive({ runs: 16, edgeKills: 3, backendKills: 3 });
  print(survived);
  expect(survived).toMatchObject({ lost: [], gaps: [], wrongRecords: [], doubles: [] });
  expect(survived.booked).toBe(survived.units);
  // The processes did die under the runs.
  expect(survived.reconnects).toBeGreaterThan(0);
}, 300_000);
