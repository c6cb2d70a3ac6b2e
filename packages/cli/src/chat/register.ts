import { type Client, HubbubAccount } from "@hubbub/client";
import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import type { Environment } from "../environment.ts";
import { harmlessLine } from "../harmless.ts";
import type { ChatInput } from "./chat-input.ts";
import type { Screen } from "./screen.ts";

type Register = Extract<ChatInput, { kind: "register" }>;

/** Adds the input with its password. Before anything else is read: what is typed next is no message. */
export function askForPassword(
  { password }: Environment,
  screen: Pick<Screen, "isTerminal" | "askSecret">,
  input: Register,
  add: (input: Exclude<ChatInput, { kind: "quit" }>) => void,
): void {
  const hint = (text: string): void => add({ kind: "hint", hint: text });
  if (password !== undefined) add({ ...input, password });
  else if (!screen.isTerminal) hint("without a terminal, HUBBUB_PASSWORD must have the password of the account");
  else {
    screen.askSecret(`New password for ${harmlessLine(input.username)}: `, (first) => {
      if ([...first].length < PASSWORD_MIN_LENGTH) {
        hint(`a password has at least ${PASSWORD_MIN_LENGTH} characters; .register ${input.username} begins again`);
        return;
      }
      screen.askSecret("The same again: ", (second) => {
        if (first === second) add({ ...input, password: first });
        else hint(`the passwords differ; .register ${input.username} begins again`);
      });
    });
  }
}

/** A guest becomes an account: connection, rooms and messages stay, and the next messages carry the new name. */
export async function register(client: Client, { username, password = "" }: Register): Promise<string> {
  const user = await new HubbubAccount(client.http).upgrade({ username, password });
  await client.renew();
  return `you are ${user.username} now, with an account. Next time: hubbub login ${user.username}`;
}
