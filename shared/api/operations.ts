/**
 * Every endpoint, once: the OpenAPI document, the page at /docs, and the checks of all replies in
 * tests are derived from these rows. A route without its row, or a row without its route, fails a test.
 */
import type { Operation } from './operation.ts';
import { imageOperations } from './operations/images.ts';
import { keyOperations } from './operations/keys.ts';
import { knowledgeOperations } from './operations/knowledge.ts';
import { mcpOperations } from './operations/mcp.ts';
import { openAiOperations } from './operations/openai.ts';
import { runOperations } from './operations/runs.ts';
import { serviceOperations } from './operations/service.ts';
import { toolOperations } from './operations/tools.ts';
import { usageOperations } from './operations/usage.ts';

export const operations: readonly Operation[] = [
  ...runOperations,
  ...imageOperations,
  ...toolOperations,
  ...knowledgeOperations,
  ...keyOperations,
  ...usageOperations,
  ...openAiOperations,
  ...mcpOperations,
  ...serviceOperations,
];
