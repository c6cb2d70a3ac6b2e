import { EventEmitter } from "node:events";
import { PassThrough, Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import type { Environment } from "../src/environment.ts";
import { Paper } from "./paper.ts";

/** Streams that look like a terminal, and what happened to them in order. */
export class FakeTerminal {
  readonly happened: string[] = [];
  readonly paper: Paper;
  readonly env: Environment;
  readonly host = new EventEmitter();
  readonly #stdin = new PassThrough();
  readonly #stdout: Writable;

  constructor(columns: number) {
    this.paper = new Paper(columns);
    this.#stdout = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        if (chunk.includes("?2004")) this.happened.push(chunk.endsWith("h") ? "pastes marked" : "pastes unmarked");
        this.paper.write(chunk);
        done();
      },
    });
    const setRawMode = (isRaw: boolean) => {
      this.happened.push(isRaw ? "raw" : "cooked");
      return stdin;
    };
    const stdin: ReadStream = Object.assign(this.#stdin, { isTTY: true, setRawMode }) as PassThrough &
      Partial<ReadStream> as ReadStream;
    const kill = (pid: number, signal?: string | number) => this.happened.push(`kill ${pid} ${signal}`) > 0;
    this.env = {
      server: "http://127.0.0.1:9",
      serverFrom: "HUBBUB_SERVER",
      password: undefined,
      code: undefined,
      configDir: "/nowhere",
      stdin,
      stdout: Object.assign(this.#stdout, { isTTY: true, columns, rows: 24 }) as Writable &
        Partial<WriteStream> as WriteStream,
      stderr: new PassThrough() as PassThrough & Partial<WriteStream> as WriteStream,
      colors: "none",
      isDumb: false,
      host: Object.assign(this.host, { kill }) as unknown as Environment["host"],
      interrupted: new AbortController().signal,
    };
  }

  /** Until they are drawn. */
  async type(keys: string): Promise<void> {
    this.#stdin.emit("data", Buffer.from(keys));
    await Promise.resolve();
  }

  resize(columns: number): void {
    this.paper.columns = columns;
    Object.assign(this.#stdout, { columns });
    this.#stdout.emit("resize");
  }
}
