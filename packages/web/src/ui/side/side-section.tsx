import type { ReactNode } from "react";
import type { Section } from "../../model/sections.ts";
import { Icon } from "../parts/icon.tsx";
import { Mentions } from "./counts.tsx";

interface SideSectionProps {
  readonly title: string;
  readonly section?: Section;
  readonly action?: ReactNode;
  readonly children: ReactNode;
  readonly toggle?: (() => void) | undefined;
}

/** A list of rooms below its title, which collapses it where it can be collapsed. */
export function SideSection({ title, section, action, children, toggle }: SideSectionProps) {
  const { isCollapsed = false, unread = 0, mentions = 0, id } = section ?? {};
  return (
    <section className="side-section" aria-label={title}>
      <header>
        <h2>
          {toggle === undefined ? (
            title
          ) : (
            <button type="button" className="side-fold" data-section={id} aria-expanded={!isCollapsed} onClick={toggle}>
              <Icon name="chevron" />
              {title}
              {isCollapsed && unread > 0 && (
                <span className="fold-count">
                  {unread} <span className="visually-hidden">{unread === 1 ? "unread room" : "unread rooms"}</span>
                </span>
              )}
              {isCollapsed && <Mentions count={mentions} />}
            </button>
          )}
        </h2>
        {action}
      </header>
      <ul>{children}</ul>
    </section>
  );
}
