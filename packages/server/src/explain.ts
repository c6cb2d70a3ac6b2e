import {
  BadLedger as BadBackupLedger,
  BadCatalogue,
  ContentsAway,
  PostgresProgramFault,
  RestoreRefused,
  SealFault,
} from "@hubbub/backup";
import { BrokerUnavailable, LogRefused } from "@hubbub/broker";
import { StorageUnavailable } from "@hubbub/files";
import { ConfigError, KeyFileError } from "@hubbub/runtime";
import { isUnavailable, MigrationHeld, OlderNodesRun, SchemaMismatch, ShardsMismatch } from "@hubbub/store";
import { AdminRefused } from "./admin/refused.ts";
import { AdoptionRefused } from "./adopt.ts";
import { CannotListen } from "./can-listen.ts";
import { DirectoryInUse } from "./directory-lock.ts";
import { BadLedger } from "./erase-command.ts";
import { NoSuchUser } from "./sessions-command.ts";

/** Their messages are sentences that say what to do. */
const SENTENCES = [
  ConfigError,
  KeyFileError,
  SchemaMismatch,
  OlderNodesRun,
  MigrationHeld,
  ShardsMismatch,
  AdoptionRefused,
  DirectoryInUse,
  CannotListen,
  LogRefused,
  NoSuchUser,
  BadLedger,
  AdminRefused,
  BadCatalogue,
  BadBackupLedger,
  ContentsAway,
  PostgresProgramFault,
  RestoreRefused,
  SealFault,
  StorageUnavailable,
];

const SELF_SIGNED =
  "DATABASE_URL: the certificate of Postgres is not signed by a CA that this machine trusts. Name the CA with sslmode=verify-full&sslrootcert=FILE, or trust any on a private network with sslmode=no-verify";

/** What the code of a permanent fault means, and what to do. Five characters: an SQLSTATE of Postgres. */
const BY_CODE: Readonly<Record<string, string>> = {
  "28P01": "DATABASE_URL: Postgres refuses the user name or password",
  "28000":
    "DATABASE_URL: Postgres does not accept this user from this host; see its pg_hba.conf, or set sslmode=require",
  "3D000": "DATABASE_URL: Postgres has no database of this name; create it with createdb, or name another one",
  "42501": "DATABASE_URL: the user lacks rights in this database; docs/operations.md lists the rights it needs",
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: SELF_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: SELF_SIGNED,
  CERT_HAS_EXPIRED: "DATABASE_URL: the certificate of Postgres has expired",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "DATABASE_URL: the certificate of Postgres is for another host name; use the name in it",
};
const CLIENT_CERTIFICATE = "connection requires a valid client certificate";
const NO_TLS = "The server does not support SSL connections";

/**
 * A fault that the person who started the process can mend, in a sentence that says what to do; of any other error its
 * stack, because it is a fault of the program.
 */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (SENTENCES.some((kind) => error instanceof kind)) return error.message;
  const known = knownFault(error);
  if (known !== null) return known;
  if (isUnavailable(error) || error instanceof BrokerUnavailable)
    return `cannot reach what this process needs; check DATABASE_URL and REDIS_URL: ${deepest(error).message}`;
  const isAboutAFile =
    "code" in error && ["ENOENT", "EACCES", "ENOTDIR", "EROFS", "ENOSPC"].includes(String(error.code));
  return isAboutAFile ? error.message : (error.stack ?? error.message);
}

function knownFault(error: Error): string | null {
  const code = "code" in error ? String(error.code) : "";
  if (error.message === CLIENT_CERTIFICATE)
    return "DATABASE_URL: Postgres wants a client certificate; name it and its key with sslcert=FILE&sslkey=FILE";
  const sentence = BY_CODE[code];
  if (sentence !== undefined) return `${sentence} (${error.message})`;
  if (error.message.startsWith(NO_TLS))
    return "DATABASE_URL: this Postgres does not speak TLS; remove sslmode, or enable TLS in Postgres";
  return error.cause instanceof Error ? knownFault(error.cause) : null;
}

function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}
