import type { S3StorageOptions } from "./s3-storage.ts";
import type { FileStorage } from "./storage.ts";

export type { S3StorageOptions } from "./s3-storage.ts";

/** Loads the client of S3 only where it is used. @throws StorageUnavailable when the bucket cannot be used */
export async function openS3Storage(options: S3StorageOptions): Promise<FileStorage> {
  const { createS3Storage } = await import("./s3-storage.ts");
  return createS3Storage(options);
}
