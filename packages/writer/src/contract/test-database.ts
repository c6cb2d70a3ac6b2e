import { newId } from "@hubbub/protocol";
import pg from "pg";

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** An empty database on the server of `serverUrl`; disposing drops it, and the connections to it. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `writer_${newId().replaceAll("-", "")}`;
  await execute(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => execute(serverUrl, `drop database ${name} with (force)`),
  };
}

export async function execute(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
