import type { DataExport, DataExportLink } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import type { FilesHost } from "./http-files.ts";
import type { Proof } from "./signin.ts";

/** Exports of the own data over HTTP: docs/your-data.md. */
export class HttpExports {
  readonly #host: Pick<FilesHost, "root" | "call">;

  constructor(host: Pick<FilesHost, "root" | "call">) {
    this.#host = host;
  }

  /** Answers the export that is open, where there is one. @throws HubbubError proof_required, rate_limited, unsupported */
  ask(proof: Proof = {}): Promise<DataExport> {
    return this.#host.call("POST", "/me/exports", proof);
  }

  /** The newest first. */
  async list(): Promise<readonly DataExport[]> {
    return withLists(await this.#host.call<{ exports: DataExport[] }>("GET", "/me/exports"), "exports").exports;
  }

  /** @throws HubbubError unknown_export */
  get(id: string): Promise<DataExport> {
    return this.#host.call("GET", pathOf(id));
  }

  /** An address of the archive that needs no header, until it ends. It answers ranges. @throws HubbubError proof_required, unknown_export */
  async link(id: string, proof: Proof = {}): Promise<DataExportLink> {
    const { url, expiresAt } = await this.#host.call<DataExportLink>("POST", `${pathOf(id)}/link`, proof);
    return { url: this.#host.root + url, expiresAt };
  }

  /** Ends the export, or removes its archive. */
  remove(id: string): Promise<void> {
    return this.#host.call("DELETE", pathOf(id));
  }
}

const pathOf = (id: string) => `/me/exports/${encodeURIComponent(id)}`;
