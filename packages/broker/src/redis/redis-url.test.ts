import { expect, test } from "vitest";
import { isRedisUrl, parseRedisUrl } from "./redis-url.ts";

test.each(["redis://127.0.0.1:6379", "rediss://user:secret@redis.example:6380/0"])("%s is one server", (url) => {
  expect(parseRedisUrl(url)).toEqual({ kind: "server", url });
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
])("%s is refused", (url) => {
  expect(isRedisUrl(url)).toBe(false);
  expect(() => parseRedisUrl(url)).toThrow("redis+sentinel://");
});
