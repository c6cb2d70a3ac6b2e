import { join } from "node:path";
import { createLocalStorage, type FileStorage, openS3Storage, StorageUnavailable } from "@hubbub/files";
import { ConfigError } from "@hubbub/runtime";
import { openPrivateDirectory } from "./private-files.ts";
import type { Settings } from "./settings.ts";

/**
 * Where this process keeps the content of files. `directory`: of an embedded server. undefined: nowhere, and uploads are refused.
 * @throws ConfigError when the place cannot be used
 */
export async function openFileStorage(
  settings: Settings,
  directory: string | undefined,
): Promise<FileStorage | undefined> {
  if (!settings.ROLES.includes("api") && !settings.ROLES.includes("backup")) return undefined;
  if (settings.FILES_S3_URL !== undefined) return openBucket(settings, new URL(settings.FILES_S3_URL));
  const folder = settings.FILES_DIR ?? (directory === undefined ? undefined : join(directory, "files"));
  if (folder === undefined) return undefined;
  try {
    await openPrivateDirectory(folder);
    return await createLocalStorage({ directory: folder });
  } catch (error) {
    const { code = "no code" } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `FILES_DIR=${folder} cannot be used (${code}): the account that runs Hubbub must be able to write it`,
    ]);
  }
}

async function openBucket(settings: Settings, url: URL): Promise<FileStorage> {
  try {
    return await openS3Storage({
      endpoint: url.origin,
      bucket: decodeURIComponent(url.pathname.slice(1)),
      region: settings.FILES_S3_REGION,
      accessKeyId: settings.FILES_S3_ACCESS_KEY_ID ?? "",
      secretAccessKey: settings.FILES_S3_SECRET_ACCESS_KEY ?? "",
    });
  } catch (error) {
    if (error instanceof StorageUnavailable) throw new ConfigError([`FILES_S3_URL: ${error.message}`]);
    throw error;
  }
}
