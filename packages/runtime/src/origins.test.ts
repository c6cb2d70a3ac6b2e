import { expect, test } from "vitest";
import { parseEnv } from "./env.ts";
import { origins } from "./origins.ts";

const read = (text: string) => parseEnv({ ORIGINS: origins() }, { ORIGINS: text }).ORIGINS;

test("an origin is compared as browsers send it", () => {
  expect(read("https://chat.example.com/, HTTPS://Chat.Example.com:443 ,http://[::1]:80,http://b:8080")).toEqual([
    "https://chat.example.com",
    "https://chat.example.com",
    "http://[::1]",
    "http://b:8080",
  ]);
  expect(read("capacitor://localhost,chrome-extension://abc")).toEqual([
    "capacitor://localhost",
    "chrome-extension://abc",
  ]);
  expect(read("")).toEqual(["*"]);
  expect(read("*")).toEqual(["*"]);
});

test.each([
  "chat.example.com",
  "localhost:8080",
  "https://chat.example.com/app",
  "https://*.example.com",
  "https://",
  "https:/chat.example.com",
  "https://user@chat.example.com",
  "null",
])("%s is sent by no browser and refused by name", (text) => {
  expect(() => read(`http://a,${text}`)).toThrow(`${text} is no origin`);
});
