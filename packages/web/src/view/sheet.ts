import { byId, make, makeButton } from "./element.ts";

const dialog = () => byId("sheet", HTMLDialogElement);
const body = () => byId("sheet-body", HTMLElement);

/** Shows something over the page until it is closed. `closed`: it is not looked at any more. */
export function openSheet(title: string, content: readonly HTMLElement[], closed?: () => void): void {
  byId("sheet-title", HTMLElement).textContent = title;
  body().replaceChildren(...content);
  if (!dialog().open) dialog().showModal();
  if (closed !== undefined) dialog().addEventListener("close", closed, { once: true });
}

export function closeSheet(): void {
  if (dialog().open) dialog().close();
  body().replaceChildren();
}

export function field(label: string, input: HTMLElement): HTMLLabelElement {
  return make("label", "field", [make("span", "", label), input]);
}

export function textInput(value: string, attributes: Readonly<Record<string, string>> = {}): HTMLInputElement {
  const input = make("input", "");
  input.dir = "auto";
  for (const [name, given] of Object.entries(attributes)) input.setAttribute(name, given);
  input.value = value;
  return input;
}

/** `options`: a word for each value. */
export function select(options: Readonly<Record<string, string>>, chosen: string): HTMLSelectElement {
  const made = make("select", "");
  for (const [value, label] of Object.entries(options)) made.append(new Option(label, value, false, value === chosen));
  return made;
}

export function checkbox(label: string, isChecked: boolean): { row: HTMLLabelElement; input: HTMLInputElement } {
  const input = make("input", "");
  input.type = "checkbox";
  input.checked = isChecked;
  return { row: make("label", "check", [input, make("span", "", label)]), input };
}

/** A part with a heading; `submit`: what its fields do together. */
export function section(
  heading: string,
  content: readonly HTMLElement[],
  submit?: { readonly label: string; act(): Promise<unknown> },
): HTMLFormElement {
  const form = make("form", "sheet-part", [make("h3", "", heading), ...content]);
  if (submit === undefined) return form;
  const button = make("button", "primary", submit.label);
  button.type = "submit";
  form.append(button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    submit
      .act()
      .catch(reportError)
      .finally(() => {
        button.disabled = false;
      });
  });
  return form;
}

/** What somebody has to do with, and what can be done with it. */
export function listRow(what: HTMLElement, hint: string, ...buttons: readonly HTMLButtonElement[]): HTMLLIElement {
  return make("li", "sheet-row", [what, make("span", "muted", hint), ...buttons]);
}

export function act(label: string, work: () => Promise<unknown>, className = "small"): HTMLButtonElement {
  return makeButton(className, label, () => {
    work().catch(reportError);
  });
}
