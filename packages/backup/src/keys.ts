import { buffer } from "node:stream/consumers";
import { z } from "zod";

/** Files with keys, by their names in the data directory. */
export type Keys = ReadonlyMap<string, Uint8Array>;

/** Of the file that a cluster has as AUTH_KEYS_FILE. */
export const SIGNING_KEYS = "keys.json";

/** Only these names: a backup must not write to any other path. */
const NAME = /^[\w-][\w.-]{0,63}$/;
const bundle = z.record(z.string().regex(NAME), z.base64());

export async function* keyChunks(keys: Keys): AsyncGenerator<Uint8Array> {
  const files = [...keys].map(([name, content]) => [name, Buffer.from(content).toString("base64")]);
  yield Buffer.from(`${JSON.stringify(Object.fromEntries(files), null, 2)}\n`);
}

export async function readKeys(chunks: AsyncIterable<Uint8Array>): Promise<Keys> {
  const parsed = bundle.parse(JSON.parse((await buffer(chunks)).toString("utf8")));
  return new Map(Object.entries(parsed).map(([name, content]) => [name, Buffer.from(content, "base64")]));
}
