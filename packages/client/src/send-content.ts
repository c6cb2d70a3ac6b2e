import { answerOf } from "./answer-of.ts";
import type { UploadContent } from "./http-files.ts";
import { HubbubError } from "./hubbub-error.ts";
import { unreachable } from "./unreachable.ts";

interface Sending {
  readonly url: string;
  readonly token: string;
  readonly content: UploadContent;
  readonly onProgress?: ((sent: number, total: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** PUT of a body of any length. There is no deadline: the server ends an upload that is too slow. */
export function sendContent<Answer>(sending: Sending): Promise<Answer> {
  // A page has no other way to learn of the progress, and none to send a stream everywhere.
  return typeof XMLHttpRequest === "undefined" ? sendByFetch(sending) : sendByRequest(sending);
}

async function sendByFetch<Answer>({ url, token, content, onProgress, signal }: Sending): Promise<Answer> {
  const total = lengthOf(content);
  const body = onProgress === undefined ? content : counted(streamOf(content), (sent) => onProgress(sent, total));
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" };
  const request = { method: "PUT", headers, body, duplex: "half", signal: signal ?? null };
  try {
    const response = await fetch(url, request as RequestInit);
    return answerOf<Answer>(response.status, await response.text());
  } catch (error) {
    if (error instanceof HubbubError) throw error;
    throw signal?.aborted === true ? signal.reason : unreachable(error);
  }
}

async function sendByRequest<Answer>({ url, token, content, onProgress, signal }: Sending): Promise<Answer> {
  signal?.throwIfAborted();
  const body = content instanceof ReadableStream ? await new Response(content).blob() : content;
  const request = new XMLHttpRequest();
  request.open("PUT", url);
  request.setRequestHeader("authorization", `Bearer ${token}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  const stop = () => request.abort();
  signal?.addEventListener("abort", stop);
  try {
    await new Promise<void>((resolve, reject) => {
      request.upload.addEventListener("progress", ({ loaded, total }) => onProgress?.(loaded, total));
      request.addEventListener("load", () => resolve());
      request.addEventListener("error", () => reject(new HubbubError("unreachable")));
      request.addEventListener("abort", () => reject(signal?.reason));
      request.send(body instanceof Blob ? body : new Blob([body]));
    });
    return answerOf<Answer>(request.status, request.responseText);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function lengthOf(content: UploadContent): number | undefined {
  if (content instanceof ReadableStream) return undefined;
  return content instanceof Blob ? content.size : content.byteLength;
}

function streamOf(content: UploadContent): ReadableStream<Uint8Array> {
  if (content instanceof ReadableStream) return content;
  return (content instanceof Blob ? content : new Blob([content])).stream();
}

function counted(content: ReadableStream<Uint8Array>, tell: (sent: number) => void): ReadableStream<Uint8Array> {
  let sent = 0;
  return content.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sent += chunk.byteLength;
        controller.enqueue(chunk);
        tell(sent);
      },
    }),
  );
}
