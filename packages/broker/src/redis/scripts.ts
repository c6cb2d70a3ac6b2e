import { readFileSync } from "node:fs";
import type { Redis, Result } from "ioredis";

declare module "ioredis" {
  interface RedisCommander<Context> {
    hubbubAccept(keys: number, args: readonly string[]): Result<(string | Error)[], Context>;
    hubbubRemember(keys: number, args: readonly string[]): Result<number, Context>;
    hubbubInitialise(keys: number, args: readonly string[]): Result<[string, string, string], Context>;
    hubbubHeads(keys: number, args: readonly string[]): Result<string, Context>;
    hubbubForget(keys: number, args: readonly string[]): Result<number[], Context>;
    hubbubMarks(keys: number, args: readonly string[]): Result<number, Context>;
    hubbubSpend(keys: number, args: readonly string[]): Result<number[], Context>;
    hubbubTrim(keys: number, args: readonly string[]): Result<number, Context>;
  }
}

const lua = (name: string) => ({ lua: readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), "utf8") });
const SCRIPTS = {
  hubbubAccept: lua("accept"),
  hubbubRemember: lua("recovery/remember"),
  hubbubInitialise: lua("initialise"),
  hubbubHeads: lua("heads"),
  hubbubForget: lua("forget"),
  hubbubMarks: lua("marks"),
  hubbubSpend: lua("spend"),
  hubbubTrim: lua("trim"),
};

/** Every script takes its number of keys, then keys and arguments in one array, as its Lua file says. */
export function defineScripts(redis: Redis): void {
  for (const [name, script] of Object.entries(SCRIPTS)) redis.defineCommand(name, script);
}
