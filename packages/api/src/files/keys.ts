import { THUMBNAIL_SIZES, type ThumbnailSize } from "@hubbub/files";

/** Where the storage has a thumbnail of the picture with this hash. */
export function thumbnailKey(hash: string, size: ThumbnailSize): string {
  return `${hash}.${size}`;
}

/** Where the storage has the archive of an export. No upload has this key. */
export function archiveKey(hash: string): string {
  return `${hash}.export`;
}

/** Everything that the storage may have of one content. */
export function keysOf(hash: string): string[] {
  return [hash, ...THUMBNAIL_SIZES.map((size) => thumbnailKey(hash, size))];
}
