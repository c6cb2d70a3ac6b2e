import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createClient } from "./client.ts";
import type { ClientState } from "./client-state.ts";
import { HubbubHttp } from "./http.ts";

/** Real sockets on the loopback: each answers a client as something does that is no Hubbub server. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const page = () => createHttpServer((_request, response) => response.writeHead(404).end("<html>"));

async function nothing(): Promise<string> {
  const server = createServer();
  const address = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

function speaksOtherwise(): Server {
  return createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("220 mail.example ESMTP\r\n");
  });
}

/** A server with a certificate that it signed itself. */
function selfSigned(): Server {
  const directory = mkdtempSync(join(tmpdir(), "hubbub-tls-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-days", "2"];
  try {
    execFileSync("openssl", ["req", "-x509", ...made], { stdio: "pipe" });
    return createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the HTTP half is refused with, and why the client waits to connect again. */
async function faultsAt(url: string) {
  const http = await new HubbubHttp({ url }).guest().catch((error: unknown) => error);
  const waiting = await new Promise<ClientState>((resolve) => {
    const onState = (state: ClientState) => state.state === "waiting" && resolve(state);
    const client = createClient({ url, getToken: async () => "token", onState });
    onTestFinished(() => client.close());
    client.connect().catch(() => undefined);
  });
  return { http, socket: waiting.state === "waiting" ? waiting.error : undefined };
}

test.each<[string, () => Promise<string>, RegExp]>([
  ["an unknown host name", async () => "http://nowhere.invalid", /its host name is unknown, or DNS does not answer \(/],
  ["a port without a server", async () => `http://${await nothing()}`, /nothing listens on this address and port \(/],
  [
    "a certificate that nobody vouches for",
    async () => `https://${await listen(selfSigned())}`,
    /NODE_EXTRA_CA_CERTS=FILE/,
  ],
  [
    "https to a plain port",
    async () => `https://${await listen(page())}`,
    /does not speak TLS on this port; is it an http:/,
  ],
  [
    "http to a TLS port",
    async () => `http://${await listen(selfSigned())}`,
    /an https:\/\/ server does so when it is asked/,
  ],
  ["a port of another protocol", async () => `http://${await listen(speaksOtherwise())}`, /does not speak HTTP \(/],
])("%s is named in what the caller and the state say", async (_what, open, sentence) => {
  const { http, socket } = await faultsAt(await open());
  const expected = { name: "HubbubError", code: "unreachable", message: expect.stringMatching(sentence) };
  expect(http).toMatchObject(expected);
  expect(socket).toMatchObject(expected);
  expect(socket?.message).toMatch(/^the server cannot be reached: /);
});

test("an HTTP server that is not Hubbub is distinguished from an unreachable one", async () => {
  const { http, socket } = await faultsAt(`http://${await listen(page())}`);
  expect(http).toMatchObject({ name: "HubbubError", code: "unexpected_answer", status: 404 });
  expect(socket?.message).toContain("it is not Hubbub (HTTP status 404)");
});

test("a server that accepts no connections now is reported as such", async () => {
  const full = createHttpServer((_request, response) => response.writeHead(503).end());
  const { http, socket } = await faultsAt(`http://${await listen(full)}`);
  expect(http).toMatchObject({ code: "unavailable", status: 503 });
  expect(socket?.message).toContain("it accepts no connections now (HTTP status 503)");
});
