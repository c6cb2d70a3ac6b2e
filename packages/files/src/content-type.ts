import { fileTypeFromBuffer } from "file-type";

/** What the type of a file is told from: its first bytes. */
export const HEAD_BYTES = 8_192;
const UNKNOWN = "application/octet-stream";

/**
 * Types that browsers may show in their place: pictures, video and sound, which run no script. Everything else is a download. A picture
 * counts as one only if it was decoded; then its type is that of the copy that is kept.
 */
const PLAYABLE: ReadonlySet<string> = new Set([
  ...["video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/x-m4v"],
  ...[
    "audio/mpeg",
    "audio/mp4",
    "audio/x-m4a",
    "audio/aac",
    "audio/ogg",
    "audio/opus",
    "audio/wav",
    "audio/flac",
    "audio/webm",
  ],
]);
const PICTURES: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"]);

/** The type by content, never by name. `head`: the first `HEAD_BYTES` bytes, or all of a shorter file. */
export async function sniffType(head: Uint8Array): Promise<string> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found !== undefined) return found.mime;
  return isText(head) ? "text/plain" : UNKNOWN;
}

export function isPicture(type: string): boolean {
  return PICTURES.has(type);
}

/** Whether a browser may show a file of this type where it is linked. `isDecoded`: it is a picture that was decoded here. */
export function isShownInPlace(type: string, isDecoded: boolean): boolean {
  return PLAYABLE.has(type) || (isDecoded && isPicture(type));
}

/** The type of a file that looks like a picture and is none. */
export const NOT_A_PICTURE = UNKNOWN;

/** The last character may be cut. */
function isText(head: Uint8Array): boolean {
  if (head.byteLength === 0) return false;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return !/[\p{Cc}]/u.test(text.replaceAll(/\s/g, ""));
  } catch {
    return false;
  }
}
