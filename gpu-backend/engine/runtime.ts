/** The only door to onnxruntime. A run blocks its thread, so only the inference process calls it. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export { Tensor };

export type Device = 'cpu' | 'cuda' | 'webgpu';

export type Feeds = Readonly<Record<string, Tensor>>;

export type Session = {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph. Only the outputs that are named are copied out; all of them when none is named. Of outputs that are
   * given as tensors, of the very shape, their memory is written to.
   */
  run(feeds: Feeds, outputs?: readonly string[] | Feeds): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
};

export type SessionOptions = {
  readonly device?: Device;
  /** Threads inside one operator. Spinning is off: it halves the speed on shared cores. */
  readonly threads?: number;
  /**
   * Where the external weights of a graph given as bytes lie. The runtime maps them, and refuses
   * locations that leave the folder.
   */
  readonly weightsFolder?: string;
};

/** Told of each run of any session: milliseconds from its call to its results. */
export type RunObserver = (ms: number) => void;

let observer: RunObserver | undefined;

/** For benchmarks: what a tool spends in its graphs. One observer at a time; undefined ends it. */
export function observeRuns(next: RunObserver | undefined): void {
  observer = next;
}

/**
 * Opens a graph from a file path or from bytes. Throws when the device's provider is missing:
 * there is no silent fall-back to another device.
 */
export async function openSession(
  model: string | Uint8Array,
  { device = 'cpu', threads = 1, weightsFolder }: SessionOptions = {},
): Promise<Session> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      session: {
        'intra_op.allow_spinning': '0',
        ...(weightsFolder === undefined
          ? {}
          : { model_external_initializers_file_folder_path: weightsFolder }),
      },
    },
  };
  const session =
    typeof model === 'string'
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds, outputs) => {
      const start = observer && performance.now();
      const result = outputs ? await session.run(feeds, outputs) : await session.run(feeds);
      if (start !== undefined) observer?.(performance.now() - start);
      return result as Record<string, Tensor>;
    },
    release: () => session.release(),
  };
}
