import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/** PEM files in one directory. `authority` signed `server` and `client`; `stranger` is another authority, which signed nothing. */
export interface Certificates {
  readonly authority: string;
  readonly stranger: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

const VALID_DAYS = "2";
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/**
 * Made by openssl. The certificate of the server is for `localhost` alone, so that `127.0.0.1` is a wrong host name.
 *
 * @param clientName the common name of the client, which Postgres compares with its user
 */
export async function makeCertificates(directory: string, clientName = "client"): Promise<Certificates> {
  const [authority, stranger] = [
    await makeAuthority(directory, "authority"),
    await makeAuthority(directory, "stranger"),
  ];
  const server = await makeSigned(directory, "server", "localhost", "DNS:localhost");
  const client = await makeSigned(directory, "client", clientName, "DNS:client.invalid");
  return { authority, stranger, server, client };
}

async function makeAuthority(cwd: string, name: string): Promise<string> {
  const output = ["-keyout", `${name}.key`, "-out", `${name}.pem`];
  await run("openssl", ["req", "-x509", ...KEY, ...output, "-subj", `/CN=${name}`, "-days", VALID_DAYS], { cwd });
  return join(cwd, `${name}.pem`);
}

async function makeSigned(cwd: string, name: string, commonName: string, alternatives: string) {
  const names = ["-subj", `/CN=${commonName}`, "-addext", `subjectAltName=${alternatives}`];
  await run("openssl", ["req", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, ...names], { cwd });
  const signing = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", VALID_DAYS];
  const files = ["-in", `${name}.csr`, "-out", `${name}.pem`];
  await run("openssl", ["x509", "-req", ...files, "-copy_extensions", "copy", ...signing], { cwd });
  const [cert, key] = [join(cwd, `${name}.pem`), join(cwd, `${name}.key`)];
  await chmod(key, 0o600);
  return { cert, key };
}
