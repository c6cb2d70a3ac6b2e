import { Readable } from "node:stream";
import { DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { Hashing } from "./hashing.ts";
import { assertName, type Objects } from "./objects.ts";
import { createS3Client, isMissing, listObjects, nameOf, type S3StorageOptions } from "./s3-client.ts";
import { ContentMissing, StorageUnavailable } from "./storage.ts";

/** Of 10,000 parts an object may have 160 GB. One part is filled while another one is sent. */
const PART_BYTES = 16 * 1_024 * 1_024;

/** `prefix`: what stands before all names, "" or a folder with a slash at its end. */
export async function createS3Objects(options: S3StorageOptions & { readonly prefix: string }): Promise<Objects> {
  const client = createS3Client(options);
  try {
    await client.send(new HeadBucketCommand({ Bucket: options.bucket }));
  } catch (error) {
    client.destroy();
    throw new StorageUnavailable(
      `the bucket ${options.bucket} at ${options.endpoint} cannot be used: ${nameOf(error)}`,
      { cause: error },
    );
  }
  return new S3Objects(client, options.bucket, options.prefix);
}

class S3Objects implements Objects {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async put(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const hashing = new Hashing(chunks);
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(name), Body: Readable.from(hashing, { objectMode: false, highWaterMark: 0 }) },
      partSize: PART_BYTES,
      queueSize: 1,
      leavePartsOnError: false,
    });
    try {
      await upload.done();
    } catch (error) {
      throw hashing.hasFailed ? hashing.faultOr(error) : unavailable(error);
    }
  }

  async read(name: string): Promise<Readable> {
    const at = this.#at(name);
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(at));
      if (Body instanceof Readable) return Body;
    } catch (error) {
      throw isMissing(error) ? new ContentMissing(`there is no object ${name}`) : unavailable(error);
    }
    throw new StorageUnavailable("the service has sent no content");
  }

  async *list(folder: string): AsyncGenerator<{ name: string; bytes: number }> {
    try {
      for await (const { key, bytes } of listObjects(this.#client, this.#bucket, this.#prefix + folder))
        yield { name: key.slice(this.#prefix.length), bytes };
    } catch (error) {
      throw unavailable(error);
    }
  }

  async remove(name: string): Promise<void> {
    const at = this.#at(name);
    try {
      await this.#client.send(new DeleteObjectCommand(at));
    } catch (error) {
      if (!isMissing(error)) throw unavailable(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  #at(name: string): { readonly Bucket: string; readonly Key: string } {
    assertName(name);
    return { Bucket: this.#bucket, Key: this.#prefix + name };
  }
}

function unavailable(cause: unknown): StorageUnavailable {
  if (cause instanceof StorageUnavailable) return cause;
  return new StorageUnavailable(`the object storage failed (${nameOf(cause)})`, { cause });
}
