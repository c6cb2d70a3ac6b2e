import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { doMessageCommand, type Place } from "./message-commands.ts";

const PATH = fileURLToPath(import.meta.url);

/** A room whose server finds this in what is uploaded. */
async function upload(found: object, mustBeImage: boolean): Promise<unknown[]> {
  const sent: unknown[] = [];
  const live = {
    upload: async (content: ReadableStream<Uint8Array>) => {
      for await (const chunk of content) void chunk;
      return { id: "f1", ...found };
    },
  };
  const send = async (text: string, options: object) => void sent.push({ text, ...options });
  const place = { live, send, underway: () => undefined, messages: undefined, me: undefined };
  await doMessageCommand({ kind: "upload", path: PATH, mustBeImage }, place as unknown as Place);
  return sent;
}

test(".file sends what it is given, .image only what the server knows as an image", async () => {
  expect(await upload({}, false)).toEqual([{ text: "", files: ["f1"] }]);
  expect(await upload({ width: 1, height: 1 }, true)).toEqual([{ text: "", files: ["f1"] }]);
  await expect(upload({}, true)).rejects.toThrow(`no image that the server knows: .file ${PATH} sends it`);
});
