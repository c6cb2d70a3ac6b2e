import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

export interface S3StorageOptions {
  /** Of the service, for example `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;
const ATTEMPTS = 3;

export function createS3Client({ endpoint, region, accessKeyId, secretAccessKey }: S3StorageOptions): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    maxAttempts: ATTEMPTS,
    // Services beside Amazon's know no trailing checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  });
}

/** Every object whose key begins so, a page at a time. */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
  let token: string | undefined;
  do {
    const { Contents = [], NextContinuationToken } = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key = "", Size = 0 } of Contents) yield { key: Key, bytes: Size };
    token = NextContinuationToken;
  } while (token !== undefined);
}

export function isMissing(error: unknown): boolean {
  return ["NoSuchKey", "NotFound"].includes(nameOf(error));
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
