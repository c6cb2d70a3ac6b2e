import { HTTP_PREFIX } from "@hubbub/protocol";

const UPLOAD = new RegExp(`^${HTTP_PREFIX}/(rooms/[^/]+/files|me/avatar)$`);

/** Whether the body of a request is a file: it has bounds of its own, and is never whole in memory. */
export function isUpload(method: string, path: string): boolean {
  return method === "PUT" && UPLOAD.test(path);
}
