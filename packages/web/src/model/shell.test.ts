import { expect, test, vi } from "vitest";
import { followReleases, TAKE_OVER } from "./releases.ts";
import { Shell } from "./shell.ts";

const SCOPE = "https://chat.example/below/";

class FakeCaches {
  readonly all = new Map<string, Map<string, Response>>();

  async open(name: string) {
    const entries = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, entries);
    return {
      match: async (url: string) => entries.get(url)?.clone(),
      put: async (url: string, response: Response) => void entries.set(url, response),
    };
  }

  async keys(): Promise<string[]> {
    return [...this.all.keys()];
  }

  async delete(name: string): Promise<boolean> {
    return this.all.delete(name);
  }
}

async function digestOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A release with these files, and a server that has them unless it is told otherwise. */
async function release(caches: FakeCaches, files: Record<string, string>, served = files) {
  const fetch = vi.fn(async ({ url }: Request) => new Response(served[url.slice(SCOPE.length)] ?? "from the network"));
  const list = await Promise.all(
    Object.entries(files).map(async ([path, text]) => [path, await digestOf(text)] as const),
  );
  const shell = new Shell({ scope: SCOPE, files: list, caches: caches as unknown as CacheStorage, fetch });
  const open = async (path: string, mode: RequestMode = "no-cors", method = "GET") =>
    (await shell.answer({ url: `${SCOPE}${path}`, method, mode }))?.text();
  return { shell, fetch, open };
}

test("the page and its files come from the cache; everything else is left to the network", async () => {
  const { shell, fetch, open } = await release(new FakeCaches(), { "": "<html>", "main.js": "script" });
  await shell.install();
  fetch.mockImplementation(() => Promise.reject(new TypeError("no network")));
  expect([await open("", "navigate"), await open("?x=1#room", "navigate")]).toEqual(["<html>", "<html>"]);
  expect(await open("main.js")).toBe("script");
  for (const path of ["api/v1/rooms", "api/v1/docs", "main.js/x"]) expect(await open(path, "navigate")).toBeUndefined();
  expect(await open("", "cors")).toBeUndefined();
  expect(await open("main.js", "cors", "POST")).toBeUndefined();
  expect(shell.answer({ url: "https://chat.example/", method: "GET", mode: "navigate" })).toBeUndefined();
});

test("a release of which one file is another is not installed, and leaves the earlier one as it was", async () => {
  const caches = new FakeCaches();
  const first = await release(caches, { "": "one", "assets/a-1.js": "old" });
  await first.shell.install();
  const mixed = await release(caches, { "": "two", "main.js": "new" }, { "": "two", "main.js": "old" });
  await expect(mixed.shell.install()).rejects.toThrow("main.js is not that of this release");
  expect(caches.all.size).toBe(1);
  const names = await Promise.all(
    [{ "": "two" }, { "": "three" }].map(async (files) => {
      const next = await release(caches, files);
      await next.shell.install();
      await next.shell.activate();
      expect(await next.open("", "navigate")).toBe(files[""]);
      return next;
    }),
  );
  expect(caches.all.size).toBe(2);
  expect(await names[1]?.open("assets/a-1.js")).toBe("from the network");
});

test("a page of the last release still gets the files that only that one has", async () => {
  const caches = new FakeCaches();
  await (await release(caches, { "": "one", "assets/a-1.js": "old" })).shell.install();
  caches.all.set("of another page", new Map());
  const next = await release(caches, { "": "two" });
  await next.shell.install();
  await next.shell.activate();
  expect(await next.open("assets/a-1.js")).toBe("old");
  expect(caches.all.has("of another page")).toBe(true);
});

class FakeWorker extends EventTarget {
  state = "installing";
  readonly said: unknown[] = [];
  postMessage(message: unknown): void {
    this.said.push(message);
  }
  installed(): void {
    this.state = "installed";
    this.dispatchEvent(new Event("statechange"));
  }
}

test("a new release takes over and is told; the first one is not news", async () => {
  const registration = Object.assign(new EventTarget(), { installing: null as FakeWorker | null, waiting: null });
  const workers = { controller: null as object | null, register: vi.fn(async () => registration) };
  const told = vi.fn();
  const container = workers as unknown as ServiceWorkerContainer;
  const arrive = (): FakeWorker => {
    const worker = new FakeWorker();
    registration.installing = worker;
    registration.dispatchEvent(new Event("updatefound"));
    worker.installed();
    return worker;
  };
  await followReleases(container, new URL("sw.js", SCOPE), told);
  expect([arrive().said, told.mock.calls.length]).toEqual([[TAKE_OVER], 0]);
  workers.controller = {};
  expect([arrive().said, told.mock.calls.length]).toEqual([[TAKE_OVER], 1]);
  workers.register.mockRejectedValueOnce(new Error("not allowed"));
  await followReleases(container, new URL("sw.js", SCOPE), told);
  await followReleases(undefined, new URL("sw.js", SCOPE), told);
});
