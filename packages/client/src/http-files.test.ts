import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ROOM } from "../test/fake-server.ts";
import { HubbubHttp } from "./http.ts";

interface Asked {
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A server that reads whole requests. */
async function serving(answer: (asked: Asked) => { status: number; body: unknown }) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const one = {
        url: new URL(request.url ?? "", "http://h"),
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      asked.push(one);
      const { status, body } = answer(one);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    } catch {
      // The client has left.
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, files: new HubbubHttp({ url, getToken: async (fresh) => (fresh ? "fresh" : "stale") }).files };
}

const FILE = { id: "f", room: ROOM, name: "a.bin", type: "application/octet-stream", bytes: 300_000 };

test("an upload sends the content with its name, tells its progress, and exchanges a refused token once", async () => {
  const { files, asked } = await serving(({ headers }) =>
    headers.authorization === "Bearer fresh"
      ? { status: 201, body: FILE }
      : { status: 401, body: { code: "bad_token" } },
  );
  const content = new Uint8Array(300_000).fill(7);
  const told: [number, number | undefined][] = [];
  const onProgress = (sent: number, total: number | undefined) => void told.push([sent, total]);
  const file = await files.upload(ROOM, new Blob([content]), { name: "Müll & Co.bin", id: "u1", onProgress });
  expect(file).toEqual(FILE);
  expect(asked).toHaveLength(2);
  expect(Object.fromEntries(asked[1]?.url.searchParams ?? [])).toEqual({ id: "u1", name: "Müll & Co.bin" });
  expect(asked[1]?.body.equals(content)).toBe(true);
  expect(told.at(-1)).toEqual([300_000, 300_000]);
});

test("a stream is sent as it comes, and a refusal is an error with its code", async () => {
  const { files, asked } = await serving(() => ({ status: 507, body: { code: "quota_exceeded", detail: "full" } }));
  const content = new Blob([new Uint8Array(100_000)]).stream();
  const uploaded = files.upload(ROOM, content, { name: "s" });
  await expect(uploaded).rejects.toMatchObject({ name: "HubbubError", code: "quota_exceeded", status: 507 });
  expect([asked[0]?.body.length, asked[0]?.headers["transfer-encoding"]]).toEqual([100_000, "chunked"]);
});

test("an aborted upload rejects with the reason of its signal", async () => {
  const { files } = await serving(() => ({ status: 201, body: FILE }));
  const stopping = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve));
      controller.enqueue(new Uint8Array(10_000));
    },
  });
  const onProgress = (sent: number) => sent > 50_000 && stopping.abort(new Error("changed my mind"));
  const uploaded = files.upload(ROOM, endless, {
    name: "s",
    signal: stopping.signal,
    onProgress: (sent) => void onProgress(sent),
  });
  await expect(uploaded).rejects.toThrow("changed my mind");
});

test("links that are wanted together are asked for together, and kept while they are good", async () => {
  let lifeMs = 600_000;
  const { files, asked, url } = await serving(({ body }) => {
    const { files: ids } = JSON.parse(String(body)) as { files: string[] };
    const links = ids
      .filter((id) => id !== "gone")
      .map((file) => ({ file, url: `/x/${file}`, thumbnails: { small: `/s/${file}`, large: "/l" } }));
    return { status: 200, body: { links, expiresAt: Date.now() + lifeMs } };
  });
  const wanted = [files.url(ROOM, "a"), files.url(ROOM, "b", { thumbnail: "small" }), files.url(ROOM, "a")];
  const gone = expect(files.url(ROOM, "gone")).rejects.toMatchObject({ code: "unknown_file" });
  expect(await Promise.all(wanted)).toEqual([`${url}/x/a`, `${url}/s/b`, `${url}/x/a`]);
  await gone;
  expect(asked).toHaveLength(1);
  await files.url(ROOM, "b");
  expect(asked).toHaveLength(1);
  lifeMs = 60_000;
  await files.url(ROOM, "c");
  await files.url(ROOM, "c");
  expect(asked).toHaveLength(3);
  await Promise.all(Array.from({ length: 150 }, (_none, at) => files.url(ROOM, `f${at}`)));
  expect(asked).toHaveLength(5);
});
