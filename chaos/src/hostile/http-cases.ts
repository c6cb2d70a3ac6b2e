import { upgradeRequest } from "./raw-ws.ts";

/** A request, and what a process alone (`direct`) and nginx in front of it make of it. See `exchange` for the words. */
export interface HttpCase {
  readonly says: string;
  readonly writes: readonly (string | Uint8Array)[];
  readonly direct: string;
  readonly nginx: string;
}

export const ORIGIN = "http://good.example";

const guest = "/api/v1/auth/guest";
const request = (line: string, headers: readonly string[] = [], body = ""): string =>
  [`${line} HTTP/1.1`, "Host: localhost", ...headers, "", body].join("\r\n");
const get = (path: string, ...headers: string[]): string => request(`GET ${path}`, headers);
const post = (body: string, ...headers: string[]): string =>
  request(`POST ${guest}`, ["Content-Type: application/json", ...headers], body);
const json = (body: string): string => post(body, `Content-Length: ${Buffer.byteLength(body)}`);
const upgrade = (headers: Record<string, string> = {}, protocol = "hubbub.v1"): string =>
  upgradeRequest(new URL("http://h/ws"), { headers, protocol });
const without = (header: string): string => upgrade().replace(new RegExp(`${header}: .*\r\n`), "");
const both = (answer: string) => ({ direct: answer, nginx: answer });
/** nginx keeps its own connection to the client, whatever the gateway does with the one behind. */
const refusedUpgrade = (answer: string) => ({ direct: `${answer} cut`, nginx: answer });

const handshakes: HttpCase[] = [
  { says: "a good handshake", writes: [upgrade()], ...both("101") },
  { says: "… no subprotocol offered", writes: [upgrade({}, "")], ...both("101") },
  { says: "… ours is one of two offered", writes: [upgrade({}, "soap, hubbub.v1")], ...both("101") },
  {
    says: "… compression offered: not taken",
    writes: [upgrade({ "Sec-WebSocket-Extensions": "permessage-deflate" })],
    ...both("101"),
  },
  { says: "… of our own page", writes: [upgrade({ Origin: ORIGIN })], ...both("101") },
  { says: "only unknown subprotocols", writes: [upgrade({}, "soap")], ...refusedUpgrade("400 bad_request") },
  { says: "another origin", writes: [upgrade({ Origin: "http://evil.example" })], ...refusedUpgrade("403 bad_origin") },
  {
    says: "an origin that begins like ours",
    writes: [upgrade({ Origin: `${ORIGIN}.evil.example` })],
    ...refusedUpgrade("403 bad_origin"),
  },
  { says: "the origin null", writes: [upgrade({ Origin: "null" })], ...refusedUpgrade("403 bad_origin") },
  {
    says: "WebSocket version 8",
    writes: [upgrade({ "Sec-WebSocket-Version": "8" })],
    ...refusedUpgrade("400 bad_request"),
  },
  { says: "no version", writes: [without("Sec-WebSocket-Version")], ...refusedUpgrade("400 bad_request") },
  { says: "no Upgrade header", writes: [without("Upgrade")], ...refusedUpgrade("400 bad_request") },
  { says: "Upgrade: h2c", writes: [upgrade({ Upgrade: "h2c" })], ...refusedUpgrade("400 bad_request") },
  { says: "no key", writes: [without("Sec-WebSocket-Key")], ...both("404 not_found") },
  { says: "a key of 3 characters", writes: [upgrade({ "Sec-WebSocket-Key": "abc" })], ...both("404 not_found") },
  { says: "a handshake by POST", writes: [upgrade().replace("GET", "POST")], ...both("404 not_found") },
  { says: "a handshake elsewhere", writes: [upgrade().replace("/ws", "/ws/")], ...both("404 not_found") },
];

/** Two servers that count the bytes of a request differently can be made to see different requests. */
const framing: HttpCase[] = [
  {
    says: "two lengths, 40 and 2",
    writes: [post("{}", "Content-Length: 40", "Content-Length: 2")],
    direct: "nothing",
    nginx: "400 cut",
  },
  {
    says: "two lengths, the same",
    writes: [post("{}", "Content-Length: 2", "Content-Length: 2")],
    direct: "201",
    nginx: "400 cut",
  },
  { says: "a list of lengths", writes: [post("{}", "Content-Length: 2, 2")], ...both("400 cut") },
  {
    says: "a length and chunks",
    writes: [post("0\r\n\r\n", "Content-Length: 5", "Transfer-Encoding: chunked")],
    ...both("400 cut"),
  },
  {
    says: "chunks twice over",
    writes: [post("2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "Transfer-Encoding: identity")],
    direct: "201",
    nginx: "400 cut",
  },
  {
    says: "an unknown encoding",
    writes: [post("2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: xchunked")],
    direct: "201",
    nginx: "501 cut",
  },
  {
    says: "a blank before the colon",
    writes: [post("2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding : chunked")],
    direct: "nothing",
    nginx: "400 cut",
  },
  {
    says: "a chunk of no size",
    writes: [post("zz\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")],
    ...both("400 cut"),
  },
  {
    says: "a chunk of 2^64 - 1",
    writes: [post("ffffffffffffffff\r\n{}", "Transfer-Encoding: chunked")],
    ...both("400 cut"),
  },
  ...["-1", "+2", "0x2", "99999999999999999999"].map((length) => ({
    says: `a length of ${length}`,
    writes: [post("{}", `Content-Length: ${length}`)],
    ...both("400 cut"),
  })),
  {
    says: "chunks as they should be",
    writes: [post("2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")],
    ...both("201"),
  },
  { says: "50 requests in one write", writes: [get("/livez").repeat(50)], ...both("200 50 times") },
];

const sizes: HttpCase[] = [
  {
    says: "a body of 64 KiB and more",
    writes: [json(JSON.stringify({ name: "x".repeat(65_600) }))],
    direct: "413 too_large cut",
    nginx: "413 too_large cut",
  },
  {
    says: "1 MiB in chunks",
    writes: [
      post("", "Transfer-Encoding: chunked"),
      ...Array.from({ length: 32 }, () => `8000\r\n${"x".repeat(0x8000)}\r\n`),
    ],
    direct: "413 too_large cut",
    nginx: "413 too_large cut",
  },
  {
    says: "1 GiB announced, 2 bytes sent",
    writes: [post("{}", "Content-Length: 1073741824")],
    direct: "nothing",
    nginx: "413 too_large",
  },
  { says: "a header of 20 KB", writes: [get("/livez", `X-A: ${"x".repeat(20_000)}`)], direct: "200", nginx: "400 cut" },
  {
    says: "200 headers",
    writes: [get("/livez", ...Array.from({ length: 200 }, (_, at) => `X-${at}: y`))],
    direct: "nothing",
    nginx: "200",
  },
  { says: "a path of 20 KB", writes: [get(`/${"x".repeat(20_000)}`)], direct: "404 not_found", nginx: "414 cut" },
  {
    says: "a token of 3.9 KB",
    writes: [get("/api/v1/me", `Authorization: Bearer ${"x".repeat(3_900)}`)],
    ...both("401 bad_token"),
  },
];

const bodies: HttpCase[] = [
  { says: "JSON, 60,000 deep, open", writes: [json("[".repeat(60_000))], ...both("400 bad_request") },
  { says: "JSON, 30,000 deep", writes: [json("[".repeat(30_000) + "]".repeat(30_000))], ...both("400 bad_request") },
  {
    says: "6,000 keys",
    writes: [json(JSON.stringify(Object.fromEntries(Array.from({ length: 6_000 }, (_, at) => [`k${at}`, 1]))))],
    ...both("400 bad_request"),
  },
  {
    says: "__proto__ and constructor",
    writes: [json('{"__proto__":{"name":"x"},"constructor":1}')],
    ...both("400 bad_request"),
  },
  { says: "no JSON", writes: [json("name=x")], ...both("400 bad_request") },
];

const methods: HttpCase[] = [
  { says: "TRACE", writes: [request("TRACE /")], direct: "404 not_found", nginx: "405 cut" },
  { says: "TRACE of the API", writes: [request("TRACE /api/v1/me")], direct: "405 bad_request", nginx: "405 cut" },
  { says: "CONNECT", writes: [request("CONNECT h:443")], direct: "505 cut", nginx: "400 cut" },
  { says: "OPTIONS *", writes: [request("OPTIONS *")], direct: "505 cut", nginx: "400 cut" },
  {
    says: "PUT where there is POST",
    writes: [request("PUT /api/v1/rooms", ["Content-Length: 0"])],
    ...both("405 bad_request"),
  },
  { says: "a method nobody knows", writes: [request("FOO /")], ...both("404 not_found") },
  { says: "HTTP/2 out of the blue", writes: ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], direct: "505 cut", nginx: "400 cut" },
  {
    says: "a TLS hello",
    writes: [Buffer.concat([Buffer.from("16030100c8010000c40303", "hex"), Buffer.alloc(190)])],
    direct: "505 cut",
    nginx: "400 cut",
  },
  { says: "no Host", writes: ["GET /livez HTTP/1.1\r\n\r\n"], direct: "nothing", nginx: "400 cut" },
  { says: "two Hosts", writes: [get("/livez", "Host: i")], direct: "200", nginx: "400 cut" },
  { says: "a folded header", writes: [get("/livez", "X-A: b\r\n c")], direct: "nothing", nginx: "400 cut" },
  { says: "a NUL in a header", writes: [get("/livez", "X-A: a\u0000b")], direct: "nothing", nginx: "400 cut" },
  { says: "a lone CR in a header", writes: [get("/livez", "X-A: a\rb")], direct: "nothing", nginx: "400 cut" },
];

const paths: HttpCase[] = [
  ...[
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "/assets/../../package.json",
    "/%00",
    "/index.html%00.js",
  ].map((path) => ({
    says: `GET ${path}`,
    writes: [get(path)],
    direct: "400 bad_request cut",
    nginx: "400 cut",
  })),
  ...["//etc/passwd", "/..\\..\\package.json", "/%0d%0aSet-Cookie:%20x=y"].map((path) => ({
    says: `GET ${path}`,
    writes: [get(path)],
    direct: "400 bad_request cut",
    nginx: "400 bad_request",
  })),
  ...["/..;/package.json", "/.git/config", "/%ff%fe"].map((path) => ({
    says: `GET ${path}`,
    writes: [get(path)],
    ...both("404 not_found"),
  })),
  { says: "GET /metrics", writes: [get("/metrics")], direct: "200", nginx: "404" },
  {
    says: "GET /metrics under a name that a page may have made up",
    writes: ["GET /metrics HTTP/1.1\r\nHost: page.example\r\n\r\n"],
    direct: "404 not_found",
    nginx: "404",
  },
];

export const httpCases: readonly HttpCase[] = [...handshakes, ...framing, ...sizes, ...bodies, ...methods, ...paths];
