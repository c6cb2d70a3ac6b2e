import { isAbsolute } from "node:path";
import { type Objects, openLocalObjects, openS3Objects } from "@hubbub/files";

/** A place that keeps backups. */
export interface Target {
  /** As it was given, without keys. */
  readonly label: string;
  /** @throws StorageUnavailable */
  open(): Promise<Objects>;
}

/** Of every bucket whose address has no keys of its own. */
export interface S3Defaults {
  readonly region: string;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
}

export const TARGET_FORMS =
  "must be file:/absolute/path or s3:https://host/bucket, or s3:https://host/bucket/folder; s3:https://KEY:SECRET@host/bucket has keys of its own";

/** null: it is no target. */
export function parseTarget(text: string, defaults: S3Defaults): Target | null {
  if (text.startsWith("file:")) {
    const path = text.slice("file:".length);
    return isAbsolute(path) ? { label: `file:${path}`, open: () => openLocalObjects(path) } : null;
  }
  if (!text.startsWith("s3:")) return null;
  const address = text.slice("s3:".length);
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const [bucket = "", ...folders] = decodeURIComponent(url.pathname.slice(1)).split("/");
  if (!/^https?:$/.test(url.protocol) || bucket === "" || url.search !== "" || url.hash !== "") return null;
  const folder = folders.filter((name) => name !== "").join("/");
  const options = {
    endpoint: url.origin,
    bucket,
    prefix: folder === "" ? "" : `${folder}/`,
    region: defaults.region,
    accessKeyId: url.username === "" ? (defaults.accessKeyId ?? "") : decodeURIComponent(url.username),
    secretAccessKey: url.password === "" ? (defaults.secretAccessKey ?? "") : decodeURIComponent(url.password),
  };
  return { label: `s3:${url.origin}${url.pathname}`, open: () => openS3Objects(options) };
}
