import type { Objects } from "./objects.ts";
import type { S3StorageOptions } from "./s3-client.ts";
import type { FileStorage } from "./storage.ts";

export type { S3StorageOptions } from "./s3-client.ts";

/** Loads the client of S3 only where it is used. @throws StorageUnavailable when the bucket cannot be used */
export async function openS3Storage(options: S3StorageOptions): Promise<FileStorage> {
  const { createS3Storage } = await import("./s3-storage.ts");
  return createS3Storage(options);
}

/** `prefix`: "" or a folder with a slash at its end. @throws StorageUnavailable when the bucket cannot be used */
export async function openS3Objects(options: S3StorageOptions & { readonly prefix: string }): Promise<Objects> {
  const { createS3Objects } = await import("./s3-objects.ts");
  return createS3Objects(options);
}
