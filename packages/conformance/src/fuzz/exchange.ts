import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

export interface Request {
  readonly method: string;
  /** From the host on, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const TIMEOUT_MS = 15_000;
const ANSWER_MAX_BYTES = 8 * 1_024 * 1_024;
/** One wait for a rate limit, and how often one request waits. */
const WAIT_MAX_MS = 5_000;
const WAITS = 4;
const TOO_MANY = 429;

/** Sends requests as they are: fetch knows no TRACE, and corrects paths. */
export class Exchange {
  readonly url: string;
  readonly #ask: typeof httpRequest;
  readonly #agent: HttpAgent;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, "");
    const isTls = this.url.startsWith("https:");
    this.#ask = isTls ? httpsRequest : httpRequest;
    this.#agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** Waits as the server asks, a few times; the last answer may be a 429. @throws when there is no answer */
  async send(request: Request): Promise<Answer> {
    let answer = await this.#once(request);
    for (let waits = 0; waits < WAITS && isRateLimited(answer); waits += 1) {
      await delay(Math.min(waitOf(answer), WAIT_MAX_MS));
      answer = await this.#once(request);
    }
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }

  #once(asked: Request): Promise<Answer> {
    const { method, path, headers, body } = asked;
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options = { method, agent: this.#agent, timeout: TIMEOUT_MS, headers: { ...headers, ...length } };
    return new Promise((resolve, reject) => {
      const request = this.#ask(this.url + path, options, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= ANSWER_MAX_BYTES) chunks.push(chunk);
          else request.destroy(new Error(`the answer has more than ${ANSWER_MAX_BYTES} bytes`));
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        // The server may close an idle connection at the moment in which it is used again.
        if (request.reusedSocket && error.code === "ECONNRESET") this.#once(asked).then(resolve, reject);
        else reject(error);
      });
      request.on("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
      request.end(body);
    });
  }
}

/** Slow mode answers 429 too, and no retry helps there. */
export function isRateLimited({ status, body }: Answer): boolean {
  return status === TOO_MANY && codeOf(body) === "rate_limited";
}

function waitOf({ headers }: Answer): number {
  return Number(headers["retry-after"] ?? 1) * 1_000;
}

/** `code` of a problem. */
export function codeOf(body: Buffer): unknown {
  return (parse(body) as { code?: unknown } | null | undefined)?.code;
}

/** undefined: no JSON. */
export function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** The request as a line for a shell, in ASCII. The token stays out of it. */
export function asCurl(url: string, { method, path, headers, body }: Request): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const given = Object.entries(headers).map(([name, text]) =>
    name === "authorization" ? `-H "authorization: Bearer $TOKEN"` : `-H ${quote(`${name}: ${text}`)}`,
  );
  const isText = headers["content-type"] !== "application/octet-stream";
  const content =
    body === undefined ? [] : [`--data-binary ${isText ? quote(inAscii(body)) : `@<(printf '${inOctal(body)}')`}`];
  return ["curl -i --path-as-is", `-X ${method}`, quote(url + path), ...given, ...content].join(" ");
}

/** Of a content of ASCII with any control characters, for `printf`. */
function inOctal(text: string): string {
  return text.replace(/[^\w ]/g, (unit) => `\\${unit.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** JSON says the same with escapes. Other texts of the fuzzer are ASCII. */
function inAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
