import uWS, { type TemplatedApp } from "uWebSockets.js";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { ConfigError } from "../env.ts";

/** PEM files. They are read once: a renewed certificate needs a restart. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** uWS says of unusable files only that there is no app. @throws ConfigError */
export function openApp(tls: TlsFiles | undefined): TemplatedApp {
  if (tls === undefined) return uWS.App();
  try {
    createSecureContext({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
    return uWS.SSLApp({ cert_file_name: tls.cert, key_file_name: tls.key });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      `TLS_CERT_FILE and TLS_KEY_FILE cannot be used (${reason}): name PEM files of a certificate and its key, without a passphrase`,
    ]);
  }
}
