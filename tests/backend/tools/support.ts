/** Images by name for a handler, and models that say what a test tells them. */
import type { Raster } from '#backend/images/raster';
import type { DepthMap, DepthModel, FoundObject, ObjectModel } from '#backend/tools/roles';
import { type ToolContext, ToolFailure } from '#backend/tools/tool';

export function grey(width: number, height: number, value = 90): Raster {
  return { data: new Uint8Array(width * height * 3).fill(value), width, height };
}

export function pixel({ data, width }: Raster, x: number, y: number): string {
  return data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3).join(',');
}

/** `image-0`, `image-1` and so on. */
export function images(...rasters: readonly Raster[]): ToolContext {
  return {
    image: async (name) => {
      const raster = rasters[Number(/^image-(\d+)$/.exec(name)?.[1] ?? -1)];
      if (!raster) throw new ToolFailure('unknown_image', `no ${name}`);
      return raster;
    },
    signal: new AbortController().signal,
  };
}

/** A map of that many columns, whatever the image. */
export function depthOfMap(
  width: number,
  values: readonly number[],
): DepthModel & { readonly asked: number[] } {
  const map: DepthMap = { width, height: values.length / width, inverseDepth: Float32Array.from(values) };
  const asked: number[] = [];
  return {
    asked,
    estimate: async (raster) => {
      asked.push(raster.width);
      return map;
    },
  };
}

/** Finds what is listed under the names that it is asked for. */
export function objectsOf(
  found: readonly FoundObject[],
  vocabulary?: readonly string[],
): ObjectModel & { readonly asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  return {
    asked,
    ...(vocabulary ? { vocabulary } : {}),
    detect: async (_raster, names) => {
      asked.push(names);
      return found.filter(({ name }) => names.includes(name));
    },
  };
}
