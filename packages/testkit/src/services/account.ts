import { readFile } from "node:fs/promises";

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A system account, null when there is none of that name. */
export async function findAccount(name: string): Promise<Account | null> {
  const passwd = await readFile("/etc/passwd", "utf8");
  const entry = passwd.split("\n").find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = entry?.split(":") ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}
