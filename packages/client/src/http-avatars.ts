import { HTTP_PREFIX, type Profile, type ThumbnailSize } from "@hubbub/protocol";
import { answerOf } from "./answer-of.ts";
import type { FilesHost, UploadOptions } from "./http-files.ts";
import { sendContent } from "./send-content.ts";
import { unreachable } from "./unreachable.ts";

/** Pictures of users over HTTP. */
export class HttpAvatars {
  readonly #host: FilesHost;

  constructor(host: FilesHost) {
    this.#host = host;
  }

  /** A picture of at most 8 MiB. Answers the whole profile. @throws HubbubError bad_request, file_too_large, forbidden for guests */
  set(
    content: Blob | Uint8Array<ArrayBuffer>,
    options: Pick<UploadOptions, "onProgress" | "signal"> = {},
  ): Promise<Profile> {
    const url = `${this.#host.root}${HTTP_PREFIX}/me/avatar`;
    return this.#host.withToken((token) => sendContent<Profile>({ url, token, content, ...options }));
  }

  remove(): Promise<void> {
    return this.#host.call("DELETE", "/me/avatar");
  }

  /** WebP, within 320 (`small`) or 1,280 pixels. `avatar`: of the user's profile. @throws HubbubError unknown_file: the user has another one */
  get(user: string, avatar: string, size: ThumbnailSize = "small"): Promise<Blob> {
    const path = `/users/${encodeURIComponent(user)}/avatar/${encodeURIComponent(avatar)}?size=${size}`;
    return this.#host.withToken(async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${this.#host.root}${HTTP_PREFIX}${path}`, { headers }).catch((cause: unknown) => {
        throw unreachable(cause);
      });
      if (!response.ok) return answerOf<never>(response.status, await response.text());
      return await response.blob();
    });
  }
}
