/** Every endpoint, once. */
import type { Route } from '#edge/route';
import { getDocs, getOpenApi } from './get-docs.ts';
import { getImage } from './get-image.ts';
import { getRun } from './get-run.ts';
import { getTools } from './get-tools.ts';
import { getHealth, getReadiness } from './health.ts';
import { postImages } from './post-images.ts';
import { postRuns } from './post-runs.ts';
import { postTool } from './post-tool.ts';
import { watchRun } from './watch-run.ts';

export const routes: readonly Route[] = [
  postRuns,
  getRun,
  watchRun,
  postImages,
  getImage,
  getTools,
  postTool,
  getHealth,
  getReadiness,
  getOpenApi,
  getDocs,
];
