/**
 * The wire's version, part of the WebSocket subprotocol name and of the HTTP prefix.
 *
 *   1   2026-11: first.
 *
 * A change that an old client would stumble over makes a new version. An added optional field or server frame does
 * not; version.test.ts pins the schemas either way, so that no change of the wire goes unnoticed.
 */
export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = `hubbub.v${PROTOCOL_VERSION}`;
export const HTTP_PREFIX = `/api/v${PROTOCOL_VERSION}`;
export const WEBSOCKET_PATH = "/ws";
