import { leavesMachine, tlsOfPostgres } from "../plain-connections.ts";
import { type Rule, TRANSMISSION, when } from "./rules.ts";
import { isEverybody } from "./urls.ts";

const PRIVATE = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Who may listen on the way, and who may speak as somebody else. */
export const transportRules: readonly Rule[] = [
  {
    name: "redis-tls",
    level: "fault",
    ids: ["ASVS 12.3.1", ...TRANSMISSION],
    shouldBe: "rediss:// or rediss+sentinel://, when Redis is on another machine",
    todo: "give Redis a certificate (tls-port), and use rediss://…?ca=FILE with the private authority",
    breach: ({ settings: { REDIS_URL: url = "" } }) =>
      when(
        url !== "" && !url.startsWith("rediss") && leavesMachine(url),
        "REDIS_URL leads to another machine in plain",
      ),
  },
  {
    name: "postgres-tls",
    level: "fault",
    ids: ["ASVS 12.3.1", "ASVS 12.3.2", ...TRANSMISSION],
    shouldBe: "sslmode=verify-full, when Postgres is on another machine",
    todo: "add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL",
    breach: ({ settings: { DATABASE_URL: url = "" } }) => {
      if (url === "" || !leavesMachine(url)) return null;
      return {
        checked: null,
        unchecked: "DATABASE_URL encrypts, and checks no certificate: whoever is between can read all",
        none: "DATABASE_URL leads to another machine in plain",
      }[tlsOfPostgres(url)];
    },
  },
  {
    name: "certificates-checked",
    level: "fault",
    ids: ["ASVS 12.3.2", ...TRANSMISSION],
    shouldBe: "NODE_TLS_REJECT_UNAUTHORIZED is not 0",
    todo: "take it out, and name the private authority with NODE_EXTRA_CA_CERTS",
    breach: ({ env }) =>
      when(env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0", "NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked"),
  },
  {
    name: "public-tls",
    level: "fault",
    ids: ["ASVS 4.4.1", "ASVS 12.2.1", ...TRANSMISSION],
    shouldBe: "PUBLIC_URL with https: passwords and messages cross the internet",
    todo: "end TLS at the proxy (infra/docker/compose.tls.yml), and set PUBLIC_URL=https://…",
    breach: ({ settings: { PUBLIC_URL: url } }) =>
      when(url?.startsWith("http:") === true && leavesMachine(url), `PUBLIC_URL=${url}`),
  },
  {
    name: "other-services-tls",
    level: "fault",
    ids: ["ASVS 12.3.1", ...TRANSMISSION],
    shouldBe: "https, and smtps or ?requireTLS=true, for services on other machines",
    todo: "use the encrypted address of the service",
    breach({ settings: { FILES_S3_URL, OIDC_ISSUER, SMTP_URL, BACKUP_TARGETS } }) {
      const plain = [
        ...(SMTP_URL?.startsWith("smtp:") === true && !SMTP_URL.includes("requireTLS=true") && leavesMachine(SMTP_URL)
          ? ["SMTP_URL"]
          : []),
        ...(FILES_S3_URL?.startsWith("http:") === true && leavesMachine(FILES_S3_URL) ? ["FILES_S3_URL"] : []),
        ...(OIDC_ISSUER?.startsWith("http:") === true && leavesMachine(OIDC_ISSUER) ? ["OIDC_ISSUER"] : []),
        ...(BACKUP_TARGETS.some((text) => text.startsWith("s3:http:") && leavesMachine(text.slice(3)))
          ? ["BACKUP_TARGETS"]
          : []),
      ];
      return when(plain.length > 0, `in plain: ${plain.join(", ")}`);
    },
  },
  {
    name: "origins",
    level: "fault",
    ids: ["ASVS 3.4.2", "ASVS 4.4.2"],
    shouldBe: "the origins of your pages: with * any page that a user visits may call",
    todo: "set ALLOWED_ORIGINS to the origin of PUBLIC_URL",
    breach: ({ settings, env }) =>
      when((env["ALLOWED_ORIGINS"] ?? "*").trim() === "*" && !isOwnMachine(settings.HOST), "ALLOWED_ORIGINS=*"),
  },
  {
    name: "trusted-proxies",
    level: "fault",
    ids: ["ASVS 4.1.3"],
    shouldBe: "the addresses of your proxies",
    todo: "name them in TRUSTED_PROXIES: whoever is in it can claim any client address, and escape all limits",
    breach({ env }) {
      const wide = (env["TRUSTED_PROXIES"] ?? "")
        .split(",")
        .map((text) => text.trim())
        .filter(isEverybody);
      return when(wide.length > 0, `TRUSTED_PROXIES has ${wide.join(", ")}`);
    },
  },
];

/** Pages of one's own machine are nobody's business. */
function isOwnMachine(host: string): boolean {
  return PRIVATE.test(host);
}
