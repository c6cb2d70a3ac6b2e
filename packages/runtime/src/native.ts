import { createRequire } from "node:module";

/** What decides whether a binary of uWebSockets.js fits. */
export interface Platform {
  /** As `process.version`. */
  readonly node: string;
  readonly os: string;
  readonly arch: string;
  /** Version of glibc; undefined on macOS, Windows and musl. */
  readonly glibc: string | undefined;
}

/** The platforms for which the installed version of uWebSockets.js carries a binary that loads. */
const SUPPORTED = [
  "Node 20 on Linux with glibc 2.27 or newer (Debian 10, Ubuntu 18.04)",
  "Node 22 and 24 on Linux with glibc 2.38 or newer (Debian 13, Ubuntu 24.04)",
  "Node 20, 22 and 24 on macOS and Windows",
];

/** null when uWebSockets.js loads here; otherwise the sentences to print instead of its stack trace. */
export function nativeFault(load: () => unknown = loadNative, platform: Platform = here()): string | null {
  try {
    load();
    return null;
  } catch (error) {
    const libc = platform.glibc === undefined ? "" : ` with glibc ${platform.glibc}`;
    const supported = SUPPORTED.map((line) => `  ${line}`).join("\n");
    return [
      `uWebSockets.js has no binary that loads with Node ${platform.node} on ${platform.os} ${platform.arch}${libc}.`,
      `Change the version of Node or of the system. Supported:\n${supported}`,
      `If yours is listed, run \`npm ci\` again: the package may be incomplete. Cause: ${causeOf(error)}`,
    ].join("\n");
  }
}

function loadNative(): unknown {
  return createRequire(import.meta.url)("uWebSockets.js");
}

function here(): Platform {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return { node: process.version, os: process.platform, arch: process.arch, glibc: header?.glibcVersionRuntime };
}

/** The package hides the loader's message behind a sentence of its own. */
function causeOf(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).split("\n");
  return lines.findLast((line) => line.trim() !== "")?.trim() ?? "unknown";
}
