import { expect, test } from "vitest";
import { welcome } from "./banner.ts";

const urlsOf = (host: string) =>
  [...welcome({ HOST: host, DATA_DIR: "d" }, 8080, ["192.0.2.7"]).matchAll(/http:\/\/\S+/g)].map(([url]) => url);

test("an IPv6 address stands in brackets, so that every URL can be opened", () => {
  expect(urlsOf("::1")[0]).toBe("http://[::1]:8080");
  for (const url of urlsOf("::1")) expect(URL.canParse(url)).toBe(true);
});

test.each(["0.0.0.0", "::"])("HOST=%s tells the address for other computers", (host) => {
  expect(urlsOf(host).slice(0, 2)).toEqual(["http://localhost:8080", "http://192.0.2.7:8080"]);
});

test("a closed HOST tells no other address", () => {
  expect(urlsOf("127.0.0.1").join()).not.toContain("192.0.2.7");
});
