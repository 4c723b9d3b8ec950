/** Every endpoint, once. */
import type { Route } from '#edge/route';
import { getImage } from './get-image.ts';
import { getModel, getModels } from './get-models.ts';
import { getRun } from './get-run.ts';
import { getTools } from './get-tools.ts';
import { getHealth, getReadiness } from './health.ts';
import { postChatCompletions } from './post-chat-completions.ts';
import { postImages } from './post-images.ts';
import { postMcp } from './post-mcp.ts';
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
  postChatCompletions,
  getModels,
  getModel,
  postMcp,
];
