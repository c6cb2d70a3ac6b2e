import { ProtocolError } from "@hubbub/protocol";
import { ACTS } from "./acts.ts";
import type { AdminArguments } from "./arguments.ts";
import { LOOKS } from "./lists.ts";
import { createOutput } from "./output.ts";
import type { AdminParts } from "./parts.ts";
import { AdminRefused } from "./refused.ts";

/** Looks, or does one thing, and prints. @throws AdminRefused, NoSuchUser */
export async function adminCommand(
  parts: AdminParts,
  args: AdminArguments,
  print: (text: string) => void,
): Promise<void> {
  const { act } = args;
  const output = createOutput(args, print);
  try {
    if (act in LOOKS) return await LOOKS[act as keyof typeof LOOKS](parts, args, output);
    await parts.teller.connect();
    const { sentence, record } = await ACTS[act as keyof typeof ACTS](parts, args);
    output.done(sentence, record);
  } catch (error) {
    throw error instanceof ProtocolError ? new AdminRefused(error.message) : error;
  }
}
