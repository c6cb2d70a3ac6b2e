/**
 * Why a connection ended. The range tells a client what to do: 1000–1999 and 4000–4499 come back and resume,
 * 4500–4999 do not come back with the same credentials.
 */
export const CLOSE = {
  /** The client said `bye`. */
  normal: 1000,
  /** The gateway is gone or going; the network between closes with this too. */
  goingAway: 1001,
  /** This gateway drains, or its front leaves: reconnect through the front and resume. */
  goaway: 4001,
  /** The connection read too slowly past the deadline, or its user went on against refusals: resume from the last seq. */
  slow: 4008,
  /** A bound of the gateway or of the address was reached: come back later. */
  overloaded: 4009,
  /** No valid `hello` within the deadline. */
  helloTimeout: 4010,
  /** The access token is missing, wrong or expired. */
  badToken: 4500,
  /** The session was logged out or revoked. */
  sessionRevoked: 4501,
  /** The client broke the protocol; the `error` frame before says how. */
  protocolViolation: 4502,
  /** The user was removed. */
  removed: 4503,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** Whether a client may come back with the same credentials. */
export function isReconnectable(code: number): boolean {
  return code < 4500 || code > 4999;
}
