import { parseArgs } from "node:util";
import { RULES } from "./rules.ts";
import { runRules } from "./run-rules.ts";
import { Subject } from "./subject.ts";

const USAGE = "npm run conformance -- URL [--only ID]… [--account NAME:PASSWORD] [--json]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true },
    account: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [url] = positionals;
const rules = RULES.filter(({ id }) => values.only?.includes(id) ?? true);
if (url === undefined || !URL.canParse(url) || rules.length === 0) {
  process.stderr.write(`${rules.length === 0 ? "There is no such rule: see docs/conformance.md" : USAGE}\n`);
  process.exit(2);
}
const [username = "", ...rest] = (values.account ?? "").split(":");
const account = values.account === undefined ? undefined : { username, password: rest.join(":") };
const line = (text: string): boolean => values.json || process.stdout.write(`${text}\n`);
const results = await runRules(new Subject(url, account), rules, ({ result, id, title, reason }) => {
  line(`${result.padEnd(4)}  ${id.padEnd(10)}  ${title}${reason === undefined ? "" : `\n      ${reason}`}`);
});
const count = (wanted: string): number => results.filter(({ result }) => result === wanted).length;
if (values.json) process.stdout.write(`${JSON.stringify({ url, results }, null, 2)}\n`);
else line(`${count("pass")} passed, ${count("fail")} failed, ${count("skip")} skipped`);
process.exit(count("fail") === 0 ? 0 : 1);
