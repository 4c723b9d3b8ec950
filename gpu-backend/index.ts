/** `node gpu-backend/index.ts`: the inference backend. Variables: see `config.ts`. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createApp } from '#backend/app';
import { type Config, ConfigError, readConfig } from '#backend/config';
import { internet } from '#backend/egress/routes';
import { startSupervisor } from '#backend/engine/supervisor';
import { createFrontDoor } from '#backend/front-door';
import { openImageStore } from '#backend/images/store';
import { openHostedModel } from '#backend/language/hosted';
import { log } from '#backend/log';
import { createStepGate } from '#backend/step';

/** How long calls in progress may go on after SIGTERM. */
const DRAIN_MS = 10_000;
const INSPECT_WALL_MS = 20_000;
/** Connections that may wait to be accepted while this process has its hands full; the system has a bound besides. */
const BACKLOG = 4_096;

async function main(config: Config): Promise<void> {
  const { modelFolder, device, threads, packs, plannerFolder, language, modelNiceness: niceness } = config;
  const child = { modelFolder, device, threads, packs, ...(plannerFolder ? { plannerFolder } : {}) };
  if (plannerFolder) log('unverified_planner', { folder: plannerFolder });
  const program = new URL('./engine/process.ts', import.meta.url);
  const vision = startSupervisor({ role: 'vision', program, child, niceness, log });
  // What is wrong with a pack the planner's process finds out itself, and tells.
  const hasPlanner = plannerFolder === undefined || existsSync(join(plannerFolder, 'config.json'));
  if (!hasPlanner) log('no_planner', { expected: join(plannerFolder, 'config.json') });
  const planner = hasPlanner
    ? startSupervisor({ role: 'planner', program, child, niceness, log })
    : undefined;
  const store = await openImageStore({
    folder: config.imageFolder,
    bytesMax: config.imageStoreBytes,
    inspect: (file, sha256) =>
      vision.call(
        'inspect',
        { file, sha256 },
        { wallMs: INSPECT_WALL_MS, signal: new AbortController().signal },
      ).result,
  });
  const draining = new AbortController();
  const steps = createStepGate(planner);
  const app = createApp({
    secret: config.secret,
    device: config.device,
    store,
    planner,
    vision,
    steps,
    ...(language ? { language: openHostedModel(language, log) } : {}),
    egress: internet,
    log,
    now: Date.now,
    draining: draining.signal,
  });

  const server = createFrontDoor({
    fetch: app.fetch,
    retryAfterS: () => steps.retryAfterS,
    onRefused: () => steps.refused.full++,
  });
  server.listen({ host: config.host, port: config.port, backlog: BACKLOG }, () => {
    const { port } = server.address() as AddressInfo;
    log('listening', { host: config.host, port, pid: process.pid });
    // Whoever forked this process is told the port that was free.
    process.send?.({ type: 'listening', port });
  });

  const end = async (code: number): Promise<never> => {
    await Promise.all([vision.stop(), planner?.stop()]);
    process.exit(code);
  };
  server.on('error', (error: NodeJS.ErrnoException) => {
    const inUse = error.code === 'EADDRINUSE';
    log('listen_failed', {
      reason: inUse
        ? `Port ${config.port} of ${config.host} is in use. Choose another with PORT.`
        : error.message,
    });
    void end(1);
  });
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log('stopping', { signal });
    // Those who wait for a place are told to go elsewhere; those who have one may end.
    draining.abort();
    server.close(() => void end(0));
    server.closeIdleConnections();
    setTimeout(() => void end(0), DRAIN_MS).unref();
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('disconnect'));
}

try {
  await main(readConfig(process.env));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
