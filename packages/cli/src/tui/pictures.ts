import type { FileInfo } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import type { Environment } from "../environment.ts";
import { decodes, imageCodes, imageEnd } from "../images.ts";
import type { Canvas } from "./canvas.ts";

/** A larger one is left to its link. */
const BYTES_MAX = 8 * 1024 * 1024;
const FETCH_MS = 20_000;

/** Shows one picture over the whole screen, in terminals that can, until the next key. */
export class Pictures {
  readonly #env: Pick<Environment, "stdout" | "images">;
  readonly #canvas: Canvas;
  #isOpen = false;

  constructor(env: Pick<Environment, "stdout" | "images">, canvas: Canvas) {
    this.#env = env;
    this.#canvas = canvas;
  }

  canShow({ type, bytes, width }: FileInfo): boolean {
    const { images } = this.#env;
    return images !== undefined && width !== undefined && decodes(images, type) && bytes <= BYTES_MAX;
  }

  /** @throws CliError when it cannot be loaded */
  async show(url: string): Promise<void> {
    const { images, stdout } = this.#env;
    if (images === undefined || this.#isOpen) return;
    const content = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) })
      .then(async (response) => (response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined))
      .catch((cause: unknown) => {
        throw new CliError("the picture cannot be loaded. Try again, or open its link", undefined, { cause });
      });
    if (content === undefined) throw new CliError("the picture is not there any more");
    this.#isOpen = true;
    this.#canvas.hold();
    const codes = imageCodes(images, content, Math.max(1, this.#canvas.rows - 2));
    stdout.write(`\u001b[H\u001b[2J${codes}\u001b[${this.#canvas.rows};1HAny key closes the picture`);
  }

  /** Answers whether one was open. */
  close(): boolean {
    const { images, stdout } = this.#env;
    if (!this.#isOpen || images === undefined) return false;
    this.#isOpen = false;
    stdout.write(imageEnd(images));
    this.#canvas.forget();
    return true;
  }
}
