/**
 * What the HTTP process and its two children say to each other over IPC (structured clone).
 *
 * `planner` decodes turns, `vision` decodes images and runs tools; a planner that is a language model runs the
 * tool that asks one. They are two processes because
 * a model run blocks its thread: OCR must not stall decoding, and a crash in either must not
 * reach the other or the HTTP process. Children read images from the store's files themselves,
 * so no pixels cross.
 */

import type { EngineCounts } from '#backend/engine/counts';
import type { Inspected } from '#backend/images/store';
import type { PackReport } from '#backend/packs/open';
import type { PackSettings } from '#backend/packs/settings';
import type { StepEvent, StepRequest } from '#shared/contract';
import type { Observation } from '#shared/conversation';
import type { ErrorCode } from '#shared/errors';

export type Role = 'planner' | 'vision';

/** Paths of the store by SHA-256. */
export type ImageFiles = Readonly<Record<string, string>>;

export type TurnEvent = Extract<StepEvent, { type: 'turn' }>;

/** Arguments come unchecked; `images` are the digests of image-0, image-1 ... */
export type ToolInput = {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  readonly images: readonly string[];
  readonly files: ImageFiles;
};

/** One entry a method: what goes in, and what comes back. Text of a running step comes as `text` messages. */
export type Calls = {
  planner: {
    step: { input: { request: StepRequest; files: ImageFiles }; result: TurnEvent };
    counts: { input: Record<string, never>; result: EngineCounts };
    /** Only where the planner is a language model, too: see `ReadyInfo.tools`. */
    tool: { input: ToolInput; result: ToolResult };
  };
  vision: {
    /** Decodes a file once, to see that it is whole; the pixels stay cached under the digest. */
    inspect: { input: { file: string; sha256: string }; result: Inspected };
    tool: { input: ToolInput; result: ToolResult };
  };
};

export type ToolResult = {
  readonly observation: Observation;
  readonly image?: { readonly bytes: Uint8Array } & Inspected;
};

export type ChildOptions = {
  readonly modelFolder: string;
  /** Packs by role; those of this checkout when left out. */
  readonly packs?: PackSettings;
  /** A checkpoint that the operator names instead of a pack: it is loaded as it lies, unverified. */
  readonly plannerFolder?: string;
  readonly device: 'cpu' | 'cuda' | 'webgpu';
  readonly threads: number;
};

/** What a child tells once it can take calls. */
export type ReadyInfo = {
  readonly planner?: { readonly model: string; readonly version: string };
  /** Steps that the planner works on together. */
  readonly places?: number;
  readonly tools?: ReadonlyArray<{ readonly name: string; readonly version: string }>;
  /** The packs that were asked for, and what became of them. */
  readonly models?: readonly PackReport[];
};

export type ToChild =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly input: unknown }
  | { readonly type: 'cancel'; readonly id: number };

/** They come in lists. */
export type FromChild =
  | { readonly type: 'ready'; readonly info: ReadyInfo }
  | { readonly type: 'text'; readonly id: number; readonly text: string }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly extra?: Readonly<Record<string, unknown>>;
    };
