/** Every endpoint, once. */
import type { Route } from '#edge/route';
import { deleteClientToken, postClientTokens } from './client-tokens.ts';
import { cancelRun, deleteRun } from './end-run.ts';
import { getDocs, getOpenApi } from './get-docs.ts';
import { getImage } from './get-image.ts';
import { getModel, getModels } from './get-models.ts';
import { getRun } from './get-run.ts';
import { getTools } from './get-tools.ts';
import { getHealth, getReadiness } from './health.ts';
import { deleteKey, getKey, getKeys, patchKey, postKeys, postRotation } from './keys.ts';
import { deleteDocumentRoute, getDocument, getDocuments, putDocument } from './knowledge.ts';
import { listRunsRoute } from './list-runs.ts';
import { postChatCompletions } from './post-chat-completions.ts';
import { postImages } from './post-images.ts';
import { postMcp } from './post-mcp.ts';
import { postRuns } from './post-runs.ts';
import { postTool } from './post-tool.ts';
import { cancelResponse, getResponse, postResponses } from './responses.ts';
import { getLimits, getUsage } from './usage.ts';
import { watchRun } from './watch-run.ts';
import { getWebhookSecret, rotateWebhook } from './webhook-secret.ts';

export const routes: readonly Route[] = [
  postRuns,
  listRunsRoute,
  getRun,
  cancelRun,
  deleteRun,
  watchRun,
  postImages,
  getImage,
  getTools,
  postTool,
  putDocument,
  getDocument,
  deleteDocumentRoute,
  getDocuments,
  postKeys,
  getKeys,
  getKey,
  patchKey,
  deleteKey,
  postRotation,
  postClientTokens,
  deleteClientToken,
  getUsage,
  getLimits,
  getWebhookSecret,
  rotateWebhook,
  getHealth,
  getReadiness,
  postChatCompletions,
  getModels,
  getModel,
  postResponses,
  getResponse,
  cancelResponse,
  postMcp,
  getOpenApi,
  getDocs,
];
