import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { CountReporter } from './tests/count-reporter.ts';
import { patienceMs, roundsOf } from './tests/edge/rounds.ts';
import { workerdPool } from './tests/edge/workerd-pool.ts';

// Tests stay on this machine: none of Cloudflare's tools may look anything up or report anything.
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  DO_NOT_TRACK: '1',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_SEND_METRICS: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
});

const WORKERD_TESTS = 'tests/edge/workerd/**/*.test.ts';
const TEST_MS_MAX = patienceMs(60_000, roundsOf(process.env['RELIABILITY_ROUNDS']));

const node: TestProjectConfiguration = {
  test: {
    name: 'node',
    include: ['tests/**/*.test.ts'],
    exclude: [WORKERD_TESTS],
    environment: 'node',
    setupFiles: ['tests/spec/setup.ts'],
    testTimeout: TEST_MS_MAX,
    hookTimeout: TEST_MS_MAX,
  },
};

const workerd: TestProjectConfiguration = {
  plugins: [cloudflareTest(workerdPool)],
  test: {
    name: 'workerd',
    include: [WORKERD_TESTS],
    globalSetup: ['tests/edge/workerd-pool.ts'],
    setupFiles: ['tests/spec/setup.ts'],
    testTimeout: TEST_MS_MAX,
    hookTimeout: TEST_MS_MAX,
  },
};

export default defineConfig({
  test: {
    projects: [node, workerd],
    // Engines use the cores too; more workers than this only make every test slower.
    maxWorkers: 2,
    reporters: ['default', new CountReporter()],
  },
});
