import { HubbubError } from "./hubbub-error.ts";

const UNTRUSTED =
  "its certificate is not signed by a CA that this machine trusts; in Node, NODE_EXTRA_CA_CERTS=FILE adds one";
const NO_TLS = "it does not speak TLS on this port; is it an http:// server?";
const CUT = "it closed the connection without an answer; an https:// server does so when it is asked with http://";
const NO_HTTP = "the program on this port does not speak HTTP";
const NO_NAME = "its host name is unknown, or DNS does not answer";

/** By the codes of Node's sockets, TLS and HTTP; a browser tells a page none of them. */
const MEANS: Readonly<Record<string, string>> = {
  ENOTFOUND: NO_NAME,
  EAI_AGAIN: NO_NAME,
  ECONNREFUSED: "nothing listens on this address and port",
  EHOSTUNREACH: "no route to its address",
  ENETUNREACH: "no route to its address",
  ETIMEDOUT: "its address does not answer",
  UND_ERR_CONNECT_TIMEOUT: "its address does not answer",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; is the clock of this machine right?",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
  UND_ERR_SOCKET: CUT,
  ECONNRESET: CUT,
};

/** As `ws` says that the upgrade was answered with a status instead. */
const REFUSED = /^Unexpected server response: (\d{3})$/;

/** `cause`: what the platform threw. The message says what it means, as far as the platform tells it. */
export function unreachable(cause: unknown): HubbubError {
  const root = rootOf(cause);
  const reason = root === undefined ? "" : `: ${meaningOf(root)}`;
  return new HubbubError("unreachable", `the server cannot be reached${reason}`, { cause });
}

/** `fetch` hides the reason in its cause, and of several addresses in a list. */
function rootOf(cause: unknown): Error | undefined {
  if (cause instanceof AggregateError && cause.errors.length > 0) return rootOf(cause.errors[0]);
  if (!(cause instanceof Error)) return undefined;
  return rootOf(cause.cause) ?? cause;
}

function meaningOf(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  const status = REFUSED.exec(error.message)?.[1];
  if (status !== undefined) return meaningOfStatus(Number(status));
  const meaning = MEANS[code] ?? (code.startsWith("HPE_") ? NO_HTTP : undefined);
  return meaning === undefined ? error.message : `${meaning} (${error.message.trim()})`;
}

/** Of an upgrade. A server that is full, or a proxy without one behind it, will do better later. */
function meaningOfStatus(status: number): string {
  if (status === 403) return "it accepts no connections from this origin (HTTP status 403)";
  if (status === 429 || status >= 500) return `it accepts no connections now (HTTP status ${status})`;
  return `an HTTP server answers there, but it is not Hubbub (HTTP status ${status})`;
}
