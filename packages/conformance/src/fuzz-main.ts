import { parseArgs } from "node:util";
import { DEFAULTS, fuzz } from "./fuzz/fuzz.ts";

const USAGE = `npm run fuzz -- URL [--requests N] [--seconds N] [--only OPERATION-ID]… [--admin TOKEN] [--account NAME:PASSWORD]
  --requests  for one operation, ${DEFAULTS.requestsPerOperation}
  --seconds   after which nothing further is tried, ${DEFAULTS.seconds}
  --admin     the ADMIN_TOKEN of the server
  --account   with the server role admin, for what is below /admin; or on a server without guests
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: "string", default: String(DEFAULTS.requestsPerOperation) },
    seconds: { type: "string", default: String(DEFAULTS.seconds) },
    only: { type: "string", multiple: true },
    admin: { type: "string" },
    account: { type: "string" },
  },
});
const [url] = positionals;
const [requestsPerOperation, seconds] = [Number(values.requests), Number(values.seconds)];
if (url === undefined || !URL.canParse(url) || !(requestsPerOperation > 0) || !(seconds > 0)) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const [username = "", ...rest] = (values.account ?? "").split(":");
const account = values.account === undefined ? undefined : { username, password: rest.join(":") };
const write = (text: string): boolean => process.stdout.write(`${text}\n`);
const options = { requestsPerOperation, seconds, only: values.only, adminToken: values.admin, account };
const tried = await fuzz(url, options, ({ operation, requests, limited, findings }) => {
  const rateLimited = limited === 0 ? "" : `, ${limited} rate limited`;
  write(`${findings.length === 0 ? "ok  " : "FAIL"}  ${operation}  ${requests} requests${rateLimited}`);
  for (const { fault, what, curl } of findings) write(`      ${fault}\n        (${what}) ${curl}`);
});
const findings = tried.flatMap((one) => one.findings);
const never = tried.filter(({ hasSucceeded }) => !hasSucceeded).map(({ operation }) => operation);
if (never.length > 0) write(`never answered with success: ${never.join(", ")}`);
write(
  `${tried.length} operations, ${tried.reduce((sum, one) => sum + one.requests, 0)} requests, ${findings.length} findings`,
);
process.exit(findings.length === 0 ? 0 : 1);
