/** The kernel is what its text says. What it computes is tested where it is used: sample.test.ts, pyramid.test.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { behind, room, SLACK } from '#backend/images/kernel';
import { assembled, KERNEL } from '../../../scripts/kernel/assemble.ts';

describe('the kernel', () => {
  it('is assembled from its text', async () => {
    const isCurrent = Buffer.compare(readFileSync(KERNEL), await assembled()) === 0;
    expect(isCurrent, `${KERNEL} is stale; write it anew with: npm run kernel`).toBe(true);
  });

  it('has as much memory as is asked for, and keeps what is in it', () => {
    const before = room(1);
    before.fill(7, 0, 100);
    const after = room(before.length + 1);
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.subarray(0, 100).every((value) => value === 7)).toBe(true);
    expect(room(1).length).toBe(after.length);
  });

  it('has things stand apart and aligned', () => {
    for (const bytes of [0, 1, 63, 64, 65]) {
      const next = behind(SLACK, bytes);
      expect(next % SLACK).toBe(0);
      expect(next - SLACK - bytes).toBeGreaterThanOrEqual(SLACK);
    }
  });
});
