type Constructor<Kind extends Element> = new () => Kind;

/** The element of the page with this id. @throws when page and script do not fit together */
export function byId<Kind extends HTMLElement>(id: string, kind: Constructor<Kind>): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/** A new element. Texts of others only ever get into the page as `text`. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  content: string | readonly Node[] = "",
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  if (typeof content === "string") made.textContent = content;
  else made.append(...content);
  return made;
}

/** The same, for what somebody wrote: its first strong letter says in which direction it is read. */
export function makeWritten<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  text: string,
): HTMLElementTagNameMap[Tag] {
  const made = make(tag, className, text);
  made.dir = "auto";
  return made;
}

/** A button that does one thing. */
export function makeButton(className: string, label: string, act: () => void): HTMLButtonElement {
  const made = make("button", className, label);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** Brings the children in line with what is wanted, and leaves those alone that are already right. */
export function place(parent: Element, wanted: readonly Element[]): void {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
