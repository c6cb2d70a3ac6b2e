import type { ReactNode } from "react";

/** One figure with its name. `note`: what it is measured against. */
export function Tile({ name, children, note }: { name: string; children: ReactNode; note?: string }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && note !== "" && <span className="tile-note">{note}</span>}
      </dd>
    </div>
  );
}

export function Tiles({ children }: { children: ReactNode }) {
  return <dl className="tiles">{children}</dl>;
}
