import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface S3Server extends AsyncDisposable {
  readonly options: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  /** Method and target of every request, oldest first. */
  readonly requests: string[];
}

/** A bucket of an S3-compatible server on this machine. Its keys are those that s3rver accepts. */
export async function startS3Server(): Promise<S3Server> {
  const { default: S3rver } = await import("s3rver");
  const directory = await mkdtemp(join(tmpdir(), "hubbub-s3-"));
  const bucket = "files";
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const requests: string[] = [];
  const { port } = await server.run();
  const listening = (server as unknown as { httpServer: Server }).httpServer;
  listening.prependListener("request", ({ method, url }: IncomingMessage) => requests.push(`${method} ${url}`));
  const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  return {
    options: { endpoint: `http://127.0.0.1:${port}`, bucket, region: "us-east-1", ...credentials },
    requests,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
