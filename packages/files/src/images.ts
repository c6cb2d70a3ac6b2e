import pLimit from "p-limit";
import type { Sharp, SharpOptions } from "sharp";

/** A picture as it is kept: decoded and encoded anew, so that it has no metadata and nothing but a picture in it. */
export interface Picture {
  readonly type: string;
  /** In pixels, upright. Of an animation: one frame. */
  readonly width: number;
  readonly height: number;
  readonly content: Uint8Array;
  /** WebP, by the name of their size. */
  readonly thumbnails: Readonly<Record<ThumbnailSize, Uint8Array>>;
}

export const THUMBNAIL_SIZES = ["small", "large"] as const;
export type ThumbnailSize = (typeof THUMBNAIL_SIZES)[number];
/** Longest side in pixels. */
const SIDES: Readonly<Record<ThumbnailSize, number>> = { small: 320, large: 1_280 };
export const THUMBNAIL_TYPE = "image/webp";

export interface ImageBounds {
  /** Pixels of all frames together; a decoded one takes up to 5 bytes. */
  readonly maxPixels: number;
  /** Seconds that each of the three encodings may take. */
  readonly timeoutSeconds: number;
}

/** Pictures that are decoded at once in this process. */
const AT_ONCE = 2;
const THREADS_PER_PICTURE = 1;
const JPEG_QUALITY = 90;
const WEBP_QUALITY = 90;
const THUMBNAIL_QUALITY = 80;
/** The slower ones take seconds for a photo. */
const AVIF_EFFORT = 1;

/** What sharp calls a format, by the type. */
const FORMATS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpeg",
  "image/png": "png",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/avif": "heif",
};
const LOADERS = ["Jpeg", "Png", "Webp", "Nsgif", "Heif"].map((name) => `VipsForeignLoad${name}`);

type Library = typeof import("sharp")["default"];

/** Loaded with the first picture. Of all its decoders only those of the formats above run: never SVG, PDF, TIFF and others. */
async function loadLibrary(): Promise<Library> {
  const { default: sharp } = await import("sharp");
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  sharp.concurrency(THREADS_PER_PICTURE);
  sharp.cache(false);
  return sharp;
}

interface Undecoded {
  readonly type: string;
  /** As sharp calls it. */
  readonly format: string;
  readonly input: Uint8Array;
}

/** Decodes pictures in threads of libvips, never in the event loop. */
export class Images {
  readonly #bounds: ImageBounds;
  readonly #limit = pLimit(AT_ONCE);
  #library: Promise<Library> | undefined;

  constructor(bounds: ImageBounds) {
    this.#bounds = bounds;
  }

  /**
   * null: no picture of this type, or one that is broken, truncated, over the bounds or too slow. `read`: called when its turn has come,
   * so that the ones that wait are not in memory.
   */
  decode(type: string, read: () => Promise<Uint8Array>): Promise<Picture | null> {
    const format = FORMATS[type];
    if (format === undefined) return Promise.resolve(null);
    return this.#limit(async () => {
      const input = await read();
      try {
        this.#library ??= loadLibrary();
        return await this.#decode(await this.#library, { type, format, input });
      } catch {
        // libvips names no kinds of errors. Whatever it is, the file is kept as a plain one.
        return null;
      }
    });
  }

  async #decode(sharp: Library, { type, format, input }: Undecoded): Promise<Picture | null> {
    const options: SharpOptions = { limitInputPixels: this.#bounds.maxPixels, failOn: "error", animated: true };
    const found = await sharp(input, options).metadata();
    if (found.format !== format) return null;
    const isAnimated = (found.pages ?? 1) > 1;
    const upright = isAnimated ? sharp(input, options) : sharp(input, options).autoOrient();
    const { data, info } = await this.#timed(encode(upright, type)).toBuffer({ resolveWithObject: true });
    const small = await this.#thumbnail(sharp, data, SIDES.small);
    const large = await this.#thumbnail(sharp, data, SIDES.large);
    const height = info.pageHeight ?? info.height;
    return { type, width: info.width, height, content: data, thumbnails: { small, large } };
  }

  #thumbnail(sharp: Library, picture: Uint8Array, side: number): Promise<Uint8Array> {
    const shrunk = sharp(picture, { limitInputPixels: this.#bounds.maxPixels, failOn: "error" })
      .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
      .webp({ quality: THUMBNAIL_QUALITY });
    return this.#timed(shrunk).toBuffer();
  }

  #timed(work: Sharp): Sharp {
    return work.timeout({ seconds: this.#bounds.timeoutSeconds });
  }
}

function encode(image: Sharp, type: string): Sharp {
  switch (type) {
    case "image/jpeg":
      return image.jpeg({ quality: JPEG_QUALITY });
    case "image/webp":
      return image.webp({ quality: WEBP_QUALITY });
    case "image/gif":
      return image.gif();
    case "image/avif":
      return image.avif({ effort: AVIF_EFFORT });
    default:
      return image.png();
  }
}
