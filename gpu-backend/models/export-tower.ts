/** An exported vision encoder behind the interface of our own towers: by what it asks for besides the pixels. */
import { type Feeds, type Session, Tensor } from '#backend/engine/runtime';

type Translate = (feeds: Feeds) => Feeds;

/** Idefics3 and SmolVLM: squares in a list for each of several texts, and which of their pixels are real. */
const squaresWithMask: Translate = ({ pixel_values: pixels }) => {
  const { data, dims } = pixels as Tensor;
  const [count = 1, , height = 0, width = 0] = dims;
  return {
    pixel_values: new Tensor('float32', data as Float32Array, [1, ...dims]),
    pixel_attention_mask: new Tensor('bool', new Uint8Array(count * height * width).fill(1), [
      1,
      count,
      height,
      width,
    ]),
  };
};

/** Qwen2-VL: the grid of the patches; the last of them is at its lower right corner. */
const patchesWithGrid =
  (name: string): Translate =>
  ({ pixel_values: pixels, places }) => {
    const last = places?.data as BigInt64Array;
    const grid = BigInt64Array.of(1n, (last.at(-2) as bigint) + 1n, (last.at(-1) as bigint) + 1n);
    return { pixel_values: pixels as Tensor, [name]: new Tensor('int64', grid, [1, 3]) };
  };

const translations: ReadonlyArray<readonly [input: string, translate: Translate]> = [
  ['pixel_attention_mask', squaresWithMask],
  ['grid_thw', patchesWithGrid('grid_thw')],
  ['image_grid_thw', patchesWithGrid('image_grid_thw')],
];

/** Runs the encoder with what our towers are given. Its first output is the features. */
export function exportedTower(session: Session): Session {
  const translate = translations.find(([input]) => session.inputNames.includes(input))?.[1];
  const [first = 'image_features'] = session.outputNames;
  return {
    ...session,
    run: async (feeds) => {
      const output = await session.run(translate ? translate(feeds) : feeds);
      return { image_features: (output['image_features'] ?? output[first]) as Tensor };
    },
  };
}
