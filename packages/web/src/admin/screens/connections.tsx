import type { ConnectionsPage, ConnectionView } from "@hubbub/protocol/http-figures";
import { bytes, count, momentAt } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { type Column, Table } from "../parts/table.tsx";
import { type About, hashOf } from "../place.ts";
import { usePages } from "../use-pages.ts";

const COLUMNS: readonly Column<ConnectionView>[] = [
  {
    name: "User",
    cell: ({ user }) =>
      user === undefined ? (
        "no hello yet"
      ) : (
        <a href={hashOf({ at: "connections", about: { user: user.id } })}>{user.username}</a>
      ),
  },
  { name: "Gateway", cell: ({ node }) => <a href={hashOf({ at: "node", node })}>{node}</a> },
  { name: "Network", cell: ({ address }) => address },
  { name: "Since", cell: ({ openedAt }) => momentAt(openedAt) },
  { name: "Rooms", isFigure: true, cell: ({ rooms }) => count(rooms) },
  { name: "Unsent", isFigure: true, cell: ({ unsent }) => bytes(unsent) },
  { name: "State", cell: ({ slow }) => (slow ? <span className="state draining">behind</span> : "reads along") },
];

/** Who is connected. It is read when asked for and not again and again: each time is an entry in the audit. */
export function ConnectionsScreen({ about }: { about: About }) {
  const operator = useOperator();
  const pages = usePages<ConnectionsPage>(hashOf({ at: "connections", about }), (cursor) =>
    operator.connections(about, cursor),
  );
  const { all, last, error, isLoading, more, again } = pages;
  const rows = all.flatMap(({ connections }) => connections);
  return (
    <>
      <div className="screen-head">
        <h1>Connections</h1>
        <button type="button" onClick={again} disabled={isLoading}>
          Read again
        </button>
      </div>
      <p className="about">
        {wordsOf(about)} {last === undefined ? "" : `${count(last.total)} in all, the oldest first.`} Each reading has
        an entry in the audit.
      </p>
      {error !== "" && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {last !== undefined && last.silent.length > 0 && (
        <p className="error">No answer within a second: {last.silent.join(", ")}. Their connections are missing.</p>
      )}
      <Table
        caption="Connections"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ id }) => id}
        none={isLoading ? "Loading…" : "There is no such connection."}
      />
      {last?.cursor !== undefined && (
        <button type="button" onClick={more} disabled={isLoading}>
          Show more
        </button>
      )}
    </>
  );
}

function wordsOf({ node, room, user }: About): string {
  const parts = [
    ...(user === undefined ? [] : ["of one user"]),
    ...(room === undefined ? [] : ["in one room"]),
    ...(node === undefined ? [] : [`on ${node}`]),
  ];
  return parts.length === 0 ? "" : `${parts.join(", ").replace(/^./, (first) => first.toUpperCase())}.`;
}
