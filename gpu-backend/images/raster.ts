/** Decoded pixels: 8-bit RGB, row by row, upright (EXIF orientation applied), no alpha. */
export type Raster = {
  /** `width * height * 3` bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
};
