import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import { toStoredTokens } from "@hubbub/client";
import { expect, onTestFinished, vi } from "vitest";
import { Credentials } from "../src/credentials.ts";
import type { Environment } from "../src/environment.ts";
import { DEFAULT_PROFILE, Profiles } from "../src/profiles.ts";
import { run } from "../src/run.ts";
import { FakeHub, TOKENS } from "./fake-hub.ts";

export interface Started {
  readonly hub: FakeHub;
  readonly server: string;
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly interrupt: (reason?: unknown) => void;
  readonly exitCode: Promise<number>;
  /** What was printed so far. */
  out(): string;
  err(): string;
}

/** The command line without a terminal, as in a pipe, against a server of one room. */
export function start(...argv: string[]): Promise<Started> {
  return startWith({ hub: new FakeHub(), configDir: "/nowhere" }, argv);
}

/** As ada, logged in. `prepare`: what the server shall answer. */
export async function startLoggedIn(argv: readonly string[], prepare?: (hub: FakeHub) => void): Promise<Started> {
  const hub = new FakeHub();
  prepare?.(hub);
  const configDir = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(configDir, { recursive: true, force: true }));
  return startWith({ hub, configDir, isLoggedIn: true }, argv);
}

interface World {
  readonly hub: FakeHub;
  readonly configDir: string;
  readonly isLoggedIn?: boolean;
  readonly code?: string;
}

export async function startWith(
  { hub, configDir, isLoggedIn, code }: World,
  argv: readonly string[],
): Promise<Started> {
  const server = await hub.listen();
  if (isLoggedIn === true)
    await new Credentials(new Profiles(configDir).folderOf(DEFAULT_PROFILE), server).save(toStoredTokens(TOKENS));
  onTestFinished(() => hub.close());
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const printed = [stdout, stderr].map((stream) => {
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
    });
    return () => text;
  });
  const interrupted = new AbortController();
  const exitCode = run(argv, {
    server,
    serverFrom: "HUBBUB_SERVER",
    password: undefined,
    code,
    configDir,
    stdin: stdin as PassThrough & Partial<ReadStream> as ReadStream,
    stdout: stdout as PassThrough & Partial<WriteStream> as WriteStream,
    stderr: stderr as PassThrough & Partial<WriteStream> as WriteStream,
    colors: "none",
    isDumb: false,
    host: process,
    interrupted: interrupted.signal,
  } satisfies Environment);
  const [out = () => "", err = () => ""] = printed;
  return { hub, server, stdin, stdout, interrupt: (reason) => interrupted.abort(reason), exitCode, out, err };
}

/** Until it hears the room. */
export const subscribed = (hub: FakeHub) =>
  vi.waitFor(() => expect(hub.received.map(({ type }) => type)).toContain("subscribe"));
