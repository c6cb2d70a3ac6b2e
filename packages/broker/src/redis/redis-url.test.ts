import { expect, test } from "vitest";
import { isRedisUrl, parseRedisUrl } from "./redis-url.ts";

test("one server is plain or with TLS, whose files are no options of the driver", () => {
  expect(parseRedisUrl("redis://127.0.0.1:6379")).toEqual({ kind: "server", url: "redis://127.0.0.1:6379" });
  const url = "rediss://user:secret@redis.example:6380/0";
  expect(parseRedisUrl(url)).toEqual({ kind: "server", url, tls: {} });
  const tls = { ca: "/tls/ca.pem", cert: "/tls/me.pem", key: "/tls/me.key" };
  expect(parseRedisUrl(`${url}?${new URLSearchParams(tls)}`)).toEqual({ kind: "server", url, tls });
});

test("sentinels have TLS, user and password of their own", () => {
  const url = "rediss+sentinel://me:one@a:1/main?ca=/ca.pem&sentinel-user=watch&sentinel-password=t%26wo";
  expect(parseRedisUrl(url)).toMatchObject({
    tls: { ca: "/ca.pem" },
    options: { username: "me", password: "one", sentinelUsername: "watch", sentinelPassword: "t&wo" },
  });
});

test("sentinels are named with their ports, or without where it is the usual one", () => {
  expect(parseRedisUrl("redis+sentinel://a:1,b,[::1]:3/main")).toMatchObject({
    kind: "sentinels",
    options: {
      name: "main",
      sentinels: [
        { host: "a", port: 1 },
        { host: "b", port: 26_379 },
        { host: "::1", port: 3 },
      ],
    },
  });
});

test("user and password are those of the servers", () => {
  expect(parseRedisUrl("redis+sentinel://me:p%40ss@a:1/main")).toMatchObject({
    options: { username: "me", password: "p@ss", sentinels: [{ host: "a", port: 1 }] },
  });
  expect(parseRedisUrl("redis+sentinel://:secret@a:1/main")).toMatchObject({ options: { password: "secret" } });
});

test.each([
  "http://a",
  "redis+sentinel://a:1",
  "redis+sentinel://a:1/",
  "redis+sentinel:///main",
  "redis+sentinel://a:1,,b:2/main",
  "redis+sentinel://a:99999/main",
  "redis+sentinel://a:1/main/more",
  "redis+sentinel://a:1/main?ca=/ca.pem",
  "rediss+sentinel://a:1/main?cert=/me.pem",
  "rediss+sentinel://a:1/main?sentinel-pasword=x",
  "redis://a?ca=/ca.pem",
  "rediss://a?ca=",
  "rediss://a?key=/me.key",
])("%s is refused", (url) => {
  expect(isRedisUrl(url)).toBe(false);
  expect(() => parseRedisUrl(url)).toThrow("redis+sentinel://");
});
