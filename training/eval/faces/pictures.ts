/** The pictures of the face evaluation: the photos as they are, and changed in one property at a time. */
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import type { Box } from '#backend/tools/roles';
import { edited, mapped, photoRaster, photos, recoded, sharpOf } from '#training/eval/photos/index';
import { randomOf } from '#training/random';
import { renderScene } from '#training/render/render';
import { sceneOf } from '#training/scenes/index';

export type FacePicture = {
  readonly id: string;
  readonly raster: Raster;
  /** In pixels. */
  readonly faces: readonly Box[];
};

export type FaceSet = {
  readonly group: string;
  readonly name: string;
  /** Whether the detector is made for it: what is not is shown, but not part of the totals. */
  readonly within: boolean;
  pictures(): Promise<FacePicture[]>;
};

const FRONT = ['astronaut', 'hopper'] as const;
const FACELESS = photos.filter(({ faces }) => faces.length === 0).map(({ name }) => name);
/** Of the long side of the photo around a face that is pasted into others: hair and shoulders come with it. */
const CONTEXT = 0.6;
const MADE = ['receipt', 'menu', 'openingHours', 'table', 'departures', 'sign'] as const;
const PAGES = 24;

const original = async (name: string): Promise<FacePicture> => ({
  id: name,
  raster: await photoRaster(name),
  faces: photos.find((photo) => photo.name === name)?.faces.map(({ box }) => box) ?? [],
});

const fronts = async (): Promise<FacePicture[]> => await Promise.all(FRONT.map(original));
const faceless = async (): Promise<FacePicture[]> => await Promise.all(FACELESS.map(original));

async function each(
  some: Promise<FacePicture[]>,
  of: (picture: FacePicture) => Promise<FacePicture> | FacePicture,
): Promise<FacePicture[]> {
  return await Promise.all((await some).map(of));
}

const light = (name: string, of: (value: number) => number): FaceSet => ({
  group: 'light',
  name,
  within: true,
  pictures: () => each(fronts(), (picture) => ({ ...picture, raster: mapped(picture.raster, of) })),
});

export function faceSets(): FaceSet[] {
  const set = (group: string, name: string, within: boolean, pictures: FaceSet['pictures']): FaceSet => ({
    group,
    name,
    within,
    pictures,
  });
  return [
    set('photos', 'as they are', true, async () => [...(await fronts()), ...(await faceless())]),
    set('photos', 'mirrored', true, () => each(fronts(), mirroredPicture)),
    ...[200, 100, 60, 40, 30].map((size) => set('size', `${size} px`, true, () => pastedFaces(size))),
    ...[5, 10].map((angle) => set('tilt', `${angle}°`, true, () => tilted(angle))),
    light('dark', (value) => value * 0.25),
    light('pale', (value) => 120 + value * 0.45),
    light('burnt out', (value) => value * 1.8),
    set('sensor', 'noise, sigma 20', true, () => each(fronts(), noisy)),
    set('sensor', 'blur, sigma 2', true, () => each(fronts(), blurred)),
    set('sensor', 'JPEG 15', true, () => each(fronts(), squeezed)),
    set('without faces', 'photos, mirrored and negative', true, facelessVariants),
    set('without faces', 'rendered pages', true, pages),
    ...[15, 20, 30, 90, 180].map((angle) => set('beyond', `tilt ${angle}°`, false, () => tilted(angle))),
    set('beyond', '20 px', false, () => pastedFaces(20)),
    set('beyond', 'one half covered', false, covered),
    set('beyond', 'profile', false, async () => [await original('cameraman')]),
  ];
}

async function mirroredPicture({ id, raster, faces }: FacePicture): Promise<FacePicture> {
  return {
    id: `${id} mirrored`,
    raster: await edited(raster, (image) => image.flop()),
    faces: faces.map(([left, top, right, bottom]) => [
      raster.width - right,
      top,
      raster.width - left,
      bottom,
    ]),
  };
}

/** Both faces, `size` pixels wide, in each photo without one that has room. The places are drawn by a seed. */
async function pastedFaces(size: number): Promise<FacePicture[]> {
  const random = randomOf(3_000 + size);
  const pictures: FacePicture[] = [];
  for (const ground of await faceless()) {
    for (const face of await fronts()) {
      const { raster, box } = await cutOut(face, size);
      const room = [ground.raster.width - raster.width, ground.raster.height - raster.height] as const;
      if (room[0] < 0 || room[1] < 0) continue;
      const [left, top] = [random.int(0, room[0]), random.int(0, room[1])];
      const input = await sharpOf(raster).png().toBuffer();
      pictures.push({
        id: `${face.id} in ${ground.id}, ${size} px`,
        raster: await edited(ground.raster, (image) => image.composite([{ input, left, top }])),
        faces: [[box[0] + left, box[1] + top, box[2] + left, box[3] + top]],
      });
    }
  }
  return pictures;
}

/** The face with what is around it, scaled until it is `size` pixels wide. */
async function cutOut(
  { raster, faces: [face] }: FacePicture,
  size: number,
): Promise<{ raster: Raster; box: Box }> {
  const [left, top, right, bottom] = face as Box;
  const margin = Math.round((right - left) * CONTEXT);
  const x = Math.max(0, left - margin);
  const y = Math.max(0, top - margin);
  const width = Math.min(raster.width, right + margin) - x;
  const height = Math.min(raster.height, bottom + margin) - y;
  const scale = size / (right - left);
  const scaled = await edited(raster, (image) =>
    image
      .extract({ left: x, top: y, width, height })
      .resize(Math.round(width * scale), Math.round(height * scale)),
  );
  return {
    raster: scaled,
    box: [(left - x) * scale, (top - y) * scale, (right - x) * scale, (bottom - y) * scale],
  };
}

/** Both photos turned to either side about their middle. A box keeps its size: a head is about as wide as high. */
async function tilted(angle: number): Promise<FacePicture[]> {
  const sides = angle % 180 === 0 ? [angle] : [angle, -angle];
  const both = sides.map((turn) => each(fronts(), (picture) => turned(picture, turn)));
  return (await Promise.all(both)).flat();
}

async function turned({ id, raster, faces }: FacePicture, degrees: number): Promise<FacePicture> {
  const out = await edited(raster, (image) => image.rotate(degrees, { background: '#808080' }));
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return {
    id: `${id} turned by ${degrees}`,
    raster: out,
    faces: faces.map(([left, top, right, bottom]) => {
      const [x, y] = [(left + right - raster.width) / 2, (top + bottom - raster.height) / 2];
      const [toX, toY] = [x * cos - y * sin + out.width / 2, x * sin + y * cos + out.height / 2];
      const [halfWidth, halfHeight] = [(right - left) / 2, (bottom - top) / 2];
      return [toX - halfWidth, toY - halfHeight, toX + halfWidth, toY + halfHeight];
    }),
  };
}

/** The sum of four uniform values is near enough to a normal one. */
function noisy(picture: FacePicture): FacePicture {
  const random = randomOf(77);
  const unit = (): number =>
    (random.next() + random.next() + random.next() + random.next() - 2) * Math.sqrt(3);
  return { ...picture, raster: mapped(picture.raster, (value) => value + 20 * unit()) };
}

const blurred = async (picture: FacePicture): Promise<FacePicture> => ({
  ...picture,
  raster: await edited(picture.raster, (image) => image.blur(2)),
});

const squeezed = async (picture: FacePicture): Promise<FacePicture> => ({
  ...picture,
  raster: await recoded(picture.raster, (image) => image.jpeg({ quality: 15 })),
});

/** The left, then the right half of each face lies under a grey card. */
async function covered(): Promise<FacePicture[]> {
  const cover = async (picture: FacePicture, side: 0 | 1): Promise<FacePicture> => {
    const [left, top, right, bottom] = picture.faces[0] as Box;
    const width = Math.round((right - left) / 2);
    const create = { width, height: bottom - top, channels: 3, background: '#909090' } as const;
    const at = { left: left + side * width, top };
    return {
      ...picture,
      raster: await edited(picture.raster, (image) => image.composite([{ input: { create }, ...at }])),
    };
  };
  const both = ([0, 1] as const).map((side) => each(fronts(), (picture) => cover(picture, side)));
  return (await Promise.all(both)).flat();
}

async function facelessVariants(): Promise<FacePicture[]> {
  const mirrored = await each(faceless(), mirroredPicture);
  const negative = await each(faceless(), (picture) => ({
    ...picture,
    raster: mapped(picture.raster, (value) => 255 - value),
  }));
  return [...mirrored, ...negative];
}

async function pages(): Promise<FacePicture[]> {
  const pictures: FacePicture[] = [];
  for (let index = 0; index < PAGES; index++) {
    const seed = 7_900_000 + index;
    const { scene } = sceneOf(MADE[index % MADE.length] ?? 'sign', randomOf(seed));
    const { image } = await renderScene(scene, { seed, split: 'heldout' });
    pictures.push({ id: `page ${index}`, raster: (await decodeImage(image)).raster, faces: [] });
  }
  return pictures;
}
