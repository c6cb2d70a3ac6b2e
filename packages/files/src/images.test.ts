import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { GIF_SCRIPT, pngChunk, pngOf, pngWithLyingHead, SCRIPT, SVG } from "../test/hostile.ts";
import { sniffType } from "./content-type.ts";
import { Images } from "./images.ts";

const images = new Images({ maxPixels: 20_000_000, timeoutSeconds: 20 });
const decode = async (content: Uint8Array, type?: string) =>
  images.decode(type ?? (await sniffType(content)), async () => content);

/** A photo of half red and half blue, as a camera that was held sideways writes it. */
async function photo(): Promise<Buffer> {
  const half = { width: 200, height: 200, channels: 3 as const };
  const blue = await sharp({ create: { ...half, background: "blue" } })
    .png()
    .toBuffer();
  return sharp({ create: { width: 400, height: 200, channels: 3, background: "red" } })
    .composite([{ input: blue, left: 200, top: 0 }])
    .withExif({ IFD0: { Copyright: "Ada", ImageDescription: "at home" }, IFD3: { GPSLatitude: "51/1 30/1 0/1" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

test("a photo loses its metadata, stands upright, and gets two thumbnails", async () => {
  const input = await photo();
  expect((await sharp(input).metadata()).exif).toBeDefined();
  const picture = await decode(input);
  expect(picture).toMatchObject({ type: "image/jpeg", width: 200, height: 400 });
  const { content = input, thumbnails } = picture ?? {};
  const { exif, orientation, format } = await sharp(content).metadata();
  expect([exif, orientation, format]).toEqual([undefined, undefined, "jpeg"]);
  expect(Buffer.from(content).includes("at home")).toBe(false);
  const top = await sharp(content).extract({ left: 100, top: 50, width: 1, height: 1 }).raw().toBuffer();
  expect([(top[0] ?? 0) > 200, (top[2] ?? 0) < 60]).toEqual([true, true]);
  expect(await sharp(thumbnails?.small).metadata()).toMatchObject({ format: "webp", width: 160, height: 320 });
  expect(await sharp(thumbnails?.large).metadata()).toMatchObject({ format: "webp", width: 200, height: 400 });
});

test.each(["png", "webp", "gif", "avif"] as const)("a picture of the format %s is decoded", async (format) => {
  const input = await sharp({ create: { width: 40, height: 30, channels: 4, background: "#f008" } })
    .toFormat(format)
    .toBuffer();
  expect(await decode(input)).toMatchObject({ type: `image/${format}`, width: 40, height: 30 });
});

test("an animation stays one", async () => {
  const frames = ["red", "green", "blue"].map((background) => ({
    create: { width: 20, height: 10, channels: 3 as const, background },
  }));
  const stills = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
  const input = await sharp(stills, { join: { animated: true } })
    .gif({ delay: [100, 100, 100] })
    .toBuffer();
  const picture = await decode(input);
  expect(picture).toMatchObject({ type: "image/gif", width: 20, height: 10 });
  expect((await sharp(picture?.content).metadata()).pages).toBe(3);
});

test.each([
  ["a bomb of 100 million pixels in 13 kB", async () => pngOf(10_000, 10_000)],
  ["half a photo", async () => (await photo()).subarray(0, 900)],
  ["half a PNG", async () => pngOf(500, 500).subarray(0, 90)],
  ["a head that promises more than there is", async () => pngWithLyingHead()],
  [
    "the first bytes of a picture and then noise",
    async () => Buffer.concat([pngOf(8, 8).subarray(0, 40), Buffer.alloc(500, 7)]),
  ],
  ["an SVG with a script", async () => Buffer.from(SVG)],
  ["a script that begins as a GIF does", async () => GIF_SCRIPT],
  [
    "a TIFF",
    async () =>
      sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
        .tiff()
        .toBuffer(),
  ],
  ["nothing", async () => Buffer.alloc(0)],
])("%s is no picture", async (_what, make) => {
  expect(await decode(await make())).toBeNull();
});

/** Noise, which no encoder packs quickly. */
function noise(side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side, randomBytes(1_048_576));
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

test("a picture whose encoding takes longer than its time is none, and a smaller one is one", async () => {
  const hurried = new Images({ maxPixels: 100_000_000, timeoutSeconds: 1 });
  const [large, small] = [await noise(8_000), await noise(90)];
  const began = performance.now();
  // Not the picture itself: a failure would print its bytes.
  expect((await hurried.decode("image/png", async () => large)) === null).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(1_000);
  expect((await hurried.decode("image/png", async () => small))?.width).toBe(90);
});

test("a picture of another format than its first bytes say is none", async () => {
  expect(await decode(pngOf(8, 8), "image/jpeg")).toBeNull();
  expect(await decode(Buffer.from(SVG), "image/png")).toBeNull();
});

test("what hides in a picture or behind its end is not in the copy that is kept", async () => {
  const text = pngChunk("tEXt", Buffer.from(`Comment\u0000${SCRIPT}`, "latin1"));
  for (const input of [
    pngOf(16, 16, [text]),
    Buffer.concat([pngOf(16, 16), Buffer.from(SCRIPT)]),
    Buffer.concat([await photo(), Buffer.from(SCRIPT)]),
  ]) {
    const picture = await decode(input);
    expect(picture).not.toBeNull();
    expect(Buffer.from(picture?.content ?? input).includes("script")).toBe(false);
  }
});

test("G8 pictures wait for their turn outside of memory", async () => {
  const reading: ((content: Uint8Array) => void)[] = [];
  const read = () => new Promise<Uint8Array>((resolve) => reading.push(resolve));
  const decoded = Array.from({ length: 6 }, () => images.decode("image/png", read));
  for (let left = 6; left > 0; left--) {
    await vi.waitFor(() => expect(reading).toHaveLength(Math.min(2, left)));
    reading.shift()?.(pngOf(60, 60));
  }
  expect((await Promise.all(decoded)).every((picture) => picture?.width === 60)).toBe(true);
});
