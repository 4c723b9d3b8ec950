/** TypeScript client of the taco-edge API. See docs/guide.md. */
export {
  type Bytes,
  type Client,
  type ClientOptions,
  type ClientToken,
  type ClientTokenRequest,
  createClient,
  type Image,
  type Tool,
  type ToolCall,
  type ToolResult,
} from './client.ts';
export type { Credential, Token } from './credentials.ts';
export { downscaleInBrowser } from './downscale.ts';
export { ApiError, ConnectionError, type ErrorCode, type Problem, TacoError } from './errors.ts';
export { eventsOf, type RunEvent } from './events.ts';
export type { components, operations, paths } from './generated/api.ts';
export type { CreateOptions, RequestOptions, Run, RunPage, RunRequest, Runs } from './runs.ts';
