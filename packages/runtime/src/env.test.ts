import { expect, test } from "vitest";
import { ConfigError, flag, integer, list, parseEnv, url } from "./env.ts";

const shape = {
  PORT: integer(0, 65_535, 8080),
  GUESTS: flag(true),
  ORIGINS: list(["*"]),
  DATABASE_URL: url("postgres", "postgresql").optional(),
};

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    parseEnv(shape, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test("missing and empty variables have their defaults", () => {
  expect(parseEnv(shape, { PORT: "" })).toEqual({ PORT: 8080, GUESTS: true, ORIGINS: ["*"] });
});

test("given values are read", () => {
  const env = { PORT: "0", GUESTS: "false", ORIGINS: " https://a.example , ,b", DATABASE_URL: "postgres://x@y/z" };
  expect(parseEnv(shape, env)).toEqual({ ...env, PORT: 0, GUESTS: false, ORIGINS: ["https://a.example", "b"] });
});

test("all faults are named at once, each with what it should be", () => {
  expect(faultsOf({ PORT: "abc", GUESTS: "yes", DATABASE_URL: "mysql://root:secret@h" })).toEqual([
    'PORT="abc": must be a whole number from 0 to 65535',
    'GUESTS="yes": must be true or false',
    "DATABASE_URL=…: must be a URL that starts with postgres:// or postgresql://",
  ]);
  expect(faultsOf({ PORT: "70000" })).toHaveLength(1);
  expect(faultsOf({ PORT: "1e3" })).toHaveLength(1);
});
