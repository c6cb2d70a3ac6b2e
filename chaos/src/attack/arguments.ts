import { parseArgs } from "node:util";
import { UsageError } from "@hubbub/testkit";

export const USAGE = `Attacks a Hubbub that you own, and reports what held, by id of OWASP ASVS 5.0.

  npm run attack -- --i-own-this https://chat.example.com [options]

  --i-own-this  you may attack this server, and nobody else is hurt by it
  --only TEXT   only what has this text in its name
  --out DIR     writes attack.md and attack.json there
  --json        prints JSON in the place of Markdown

It makes a few guests and rooms, some hundred connections, and up to 22,000 frames; it takes a minute or two, at most 90 s
for each probe. People behind the same address feel it. Ends with 0: all held; 1: something did not; 2: it could not run.`;

export interface AttackArguments {
  readonly url: URL;
  readonly only: string;
  readonly out: string | undefined;
  readonly isJson: boolean;
}

/** @throws UsageError */
export function parseAttackArguments(args: readonly string[]): AttackArguments | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const [text, ...rest] = positionals;
  if (text === undefined || rest.length > 0) throw new UsageError("name one URL");
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`${JSON.stringify(text)} is no URL with http or https`);
  if (!values["i-own-this"])
    throw new UsageError(`an attack on a server of somebody else is a crime: say --i-own-this if ${text} is yours`);
  return { url: new URL(text), only: values.only, out: values.out, isJson: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "i-own-this": { type: "boolean", default: false },
        only: { type: "string", default: "" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
