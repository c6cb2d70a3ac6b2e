export { HEAD_BYTES, isPicture, isShownInPlace, NOT_A_PICTURE, sniffType } from "./content-type.ts";
export { safeFileName } from "./file-name.ts";
export { Images, type Picture, THUMBNAIL_SIZES, THUMBNAIL_TYPE, type ThumbnailSize } from "./images.ts";
export { openLocalObjects } from "./local-objects.ts";
export { createLocalStorage } from "./local-storage.ts";
export type { Objects } from "./objects.ts";
export { openS3Objects, openS3Storage, type S3StorageOptions } from "./open-s3-storage.ts";
export { type ByteRange, ContentMissing, type FileStorage, type Staged, StorageUnavailable } from "./storage.ts";
