import { bareDialect } from "./bare-dialect.ts";
import { centrifugoDialect } from "./centrifugo-dialect.ts";
import type { Dialect, Member } from "./dialect.ts";
import { hubbubDialect } from "./hubbub-dialect.ts";
import { RawConnection } from "./raw-connection.ts";
import { socketIoDialect } from "./socket-io-dialect.ts";

const DIALECTS = {
  hubbub: hubbubDialect,
  centrifugo: centrifugoDialect,
  "socket.io": socketIoDialect,
  bare: bareDialect,
} as const;
export type DialectName = keyof typeof DIALECTS;

export function dialectOf(name: DialectName): Dialect {
  return DIALECTS[name];
}

/** Connections of one server: who they are, and how many a second may come. */
export interface Crowd {
  readonly port: number;
  readonly members: readonly Member[];
}

/** Connections opened at a time. */
const OPENING = 32;
/** Source addresses 127.0.0.1 … 127.0.0.8: each has its own range of ports. */
const SOURCES = 8;

/** Connects and joins everybody, in order; answers the connections in the order of the members. */
export async function enterAll(name: DialectName, { port, members }: Crowd): Promise<RawConnection[]> {
  const dialect = dialectOf(name);
  const connections: RawConnection[] = [];
  const enter = async (member: Member, index: number): Promise<RawConnection> => {
    const connection = await RawConnection.open({
      port,
      path: dialect.path,
      subprotocol: dialect.subprotocol,
      localAddress: `127.0.0.${1 + (index % SOURCES)}`,
    });
    await dialect.enter(connection, member);
    return connection;
  };
  for (let from = 0; from < members.length; from += OPENING) {
    const group = members.slice(from, from + OPENING);
    connections.push(...(await Promise.all(group.map((member, at) => enter(member, from + at)))));
  }
  return connections;
}
