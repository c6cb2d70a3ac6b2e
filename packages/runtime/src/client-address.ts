/** What both kinds of uWS handlers can tell of the other end. */
interface Connected {
  getRemoteAddressAsText(): ArrayBuffer;
}

const utf8 = new TextDecoder();
const V4_IN_V6 = "0000:0000:0000:0000:0000:ffff:";

/** The client's address: the peer's, or what a trusted proxy says in `X-Real-IP`. Anybody else could forge that. */
export function clientAddress(connected: Connected, realIp: string | null, trustedProxies: readonly string[]): string {
  const peer = toPlainV4(utf8.decode(connected.getRemoteAddressAsText()));
  return realIp !== null && realIp !== "" && trustedProxies.includes(peer) ? realIp : peer;
}

/** uWS writes every byte of an address; v4 addresses arrive in v6 clothes when it listens on both. */
function toPlainV4(address: string): string {
  if (!address.startsWith(V4_IN_V6)) return address;
  const hex = address.slice(V4_IN_V6.length).replace(":", "");
  return [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".");
}
