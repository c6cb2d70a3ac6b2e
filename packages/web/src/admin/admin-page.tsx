import { useEffect, useRef } from "react";
import type { Operator } from "./operator.ts";
import { OperatorContext } from "./operator-context.ts";
import { hashOf, type Place } from "./place.ts";
import { AuditScreen } from "./screens/audit.tsx";
import { ClusterScreen } from "./screens/cluster.tsx";
import { ConnectionsScreen } from "./screens/connections.tsx";
import { NodeScreen } from "./screens/node.tsx";
import { ReportsScreen } from "./screens/reports.tsx";
import { RoomScreen } from "./screens/room.tsx";
import { UsersScreen } from "./screens/users.tsx";
import { usePlace } from "./use-place.ts";

const TABS = [
  ["cluster", "Cluster"],
  ["users", "Users"],
  ["reports", "Reports"],
  ["audit", "Audit"],
] as const;

export function AdminPage({ operator }: { operator: Operator }) {
  return (
    <OperatorContext value={operator}>
      <Inside operator={operator} />
    </OperatorContext>
  );
}

function Inside({ operator }: { operator: Operator }) {
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const address = hashOf(place);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is read from its top
  useEffect(() => {
    main.current?.scrollTo(0, 0);
    document.title = `${titleOf(place)} - Hubbub`;
  }, [address]);
  return (
    <div className="admin">
      <header className="admin-head">
        <span className="brand">
          <img src="./icon.svg" alt="" width="24" height="24" /> Hubbub operators
        </span>
        <nav aria-label="Screens">
          {TABS.map(([at, name]) => (
            <a key={at} href={hashOf({ at })} aria-current={tabOf(place) === at ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span className="me">
          {operator.me.username} · <a href="./">Chat</a>
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys */}
      <main ref={main} className="admin-main" tabIndex={0}>
        <Screen place={place} />
      </main>
    </div>
  );
}

function Screen({ place }: { place: Place }) {
  switch (place.at) {
    case "cluster":
      return <ClusterScreen />;
    case "node":
      return <NodeScreen node={place.node} />;
    case "room":
      return <RoomScreen room={place.room} />;
    case "connections":
      return <ConnectionsScreen about={place.about} />;
    case "users":
      return <UsersScreen />;
    case "reports":
      return <ReportsScreen />;
    case "audit":
      return <AuditScreen />;
  }
}

function tabOf({ at }: Place): string {
  return at === "node" || at === "room" || at === "connections" ? "cluster" : at;
}

function titleOf(place: Place): string {
  if (place.at === "node") return place.node;
  return `${place.at.charAt(0).toUpperCase()}${place.at.slice(1)}`;
}
