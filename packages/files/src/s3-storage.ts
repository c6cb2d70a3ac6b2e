import { basename } from "node:path/posix";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { Hashing } from "./hashing.ts";
import { createS3Client, isMissing, listObjects, nameOf, type S3StorageOptions } from "./s3-client.ts";
import {
  type ByteRange,
  ContentMissing,
  type FileStorage,
  pathOf,
  type Staged,
  StorageUnavailable,
} from "./storage.ts";

/** What one upload holds in memory: one part is filled while another one is sent. Of 10,000 parts a file may have 80 GB. */
const PART_BYTES = 8 * 1_024 * 1_024;
const PARTS_AT_ONCE = 1;
const STAGING = "staging/";
const CONTENT = "content/";

/** Objects of a bucket: staged ones below `staging/`, kept ones below `content/`, by a copy within the service. */
export async function createS3Storage(options: S3StorageOptions): Promise<FileStorage> {
  const { endpoint, bucket } = options;
  const client = createS3Client(options);
  const storage = new S3Storage(client, bucket);
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    client.destroy();
    throw new StorageUnavailable(`the bucket ${bucket} at ${endpoint} cannot be used: ${nameOf(error)}`, {
      cause: error,
    });
  }
  return storage;
}

class S3Storage implements FileStorage {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged> {
    const key = STAGING + crypto.randomUUID();
    const hashing = new Hashing(chunks);
    const upload = new Upload({
      client: this.#client,
      params: { Bucket: this.#bucket, Key: key, Body: Readable.from(hashing, { objectMode: false, highWaterMark: 0 }) },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    });
    try {
      await upload.done();
    } catch (error) {
      throw hashing.hasFailed ? hashing.faultOr(error) : unavailable(error);
    }
    return {
      ...hashing.result(),
      read: () => this.#read(key),
      keep: (name) => this.#keep(key, name),
      discard: () => this.#delete(key).catch(() => undefined),
    };
  }

  read(key: string, range?: ByteRange): Promise<Readable> {
    return this.#read(CONTENT + pathOf(key), range);
  }

  remove(key: string): Promise<void> {
    return this.#delete(CONTENT + pathOf(key));
  }

  async sweep(before: Date): Promise<number> {
    try {
      return (await this.#sweepObjects(before)) + (await this.#sweepUploads(before));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async hasRoomFor(): Promise<boolean> {
    return true;
  }

  async *kept(): AsyncGenerator<{ key: string; bytes: number }> {
    try {
      for await (const { key, bytes } of listObjects(this.#client, this.#bucket, CONTENT))
        yield { key: basename(key), bytes };
    } catch (error) {
      throw unavailable(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  async #read(key: string, range?: ByteRange): Promise<Readable> {
    const asked = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...asked }));
      if (Body instanceof Readable) return Body;
    } catch (error) {
      throw isMissing(error) ? new ContentMissing("there is no content under this key") : unavailable(error);
    }
    throw new StorageUnavailable("the service has sent no content");
  }

  async #keep(staged: string, name: string): Promise<void> {
    const target = CONTENT + pathOf(name);
    const copy = { Bucket: this.#bucket, Key: target, CopySource: `${this.#bucket}/${staged}` };
    try {
      await this.#client.send(new CopyObjectCommand(copy));
    } catch (error) {
      throw unavailable(error);
    }
    await this.#delete(staged).catch(() => undefined);
  }

  async #delete(key: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    } catch (error) {
      if (!isMissing(error)) throw unavailable(error);
    }
  }

  /** One page: the next sweep sees the rest. */
  async #sweepObjects(before: Date): Promise<number> {
    const { Contents = [] } = await this.#client.send(
      new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: STAGING }),
    );
    const old = Contents.filter(({ LastModified }) => LastModified !== undefined && LastModified < before);
    for (const { Key = "" } of old) await this.#delete(Key);
    return old.length;
  }

  /** Services that cannot list unfinished uploads need a lifecycle rule for them. */
  async #sweepUploads(before: Date): Promise<number> {
    const list = new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: STAGING });
    const { Uploads = [] } = await this.#client.send(list).catch((error: unknown) => {
      if (nameOf(error) === "NotImplemented") return { Uploads: [] };
      throw error;
    });
    const old = Uploads.filter(({ Initiated }) => Initiated !== undefined && Initiated < before);
    for (const { Key, UploadId } of old) {
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }));
    }
    return old.length;
  }
}

function unavailable(cause: unknown): StorageUnavailable {
  if (cause instanceof StorageUnavailable) return cause;
  return new StorageUnavailable(`the object storage failed (${nameOf(cause)})`, { cause });
}
