import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { describeApi } from "./openapi.ts";

/** As much of an element as the page uses. */
class FakeElement {
  readonly tag: string;
  textContent = "";
  readonly children: (FakeElement | string)[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }

  append(...children: (FakeElement | string)[]): void {
    this.children.push(...children);
  }

  replaceChildren(...children: (FakeElement | string)[]): void {
    this.children.splice(0, Number.POSITIVE_INFINITY, ...children);
  }

  /** Of this element and all below it that have the tag. */
  texts(tag: string): string[] {
    const below = this.children.flatMap((child) => (typeof child === "string" ? [] : child.texts(tag)));
    return this.tag === tag ? [this.text, ...below] : below;
  }

  get text(): string {
    return this.textContent + this.children.map((child) => (typeof child === "string" ? child : child.text)).join("");
  }
}

/** The page as a browser shows it that got it from this path. */
async function show(pathname: string): Promise<FakeElement> {
  const main = new FakeElement("main");
  const script = readFileSync(new URL("../docs-page/page.js", import.meta.url), "utf8");
  await runInNewContext(`${script.replace("show().catch", "shown = show(); shown.catch")}; shown`, {
    shown: undefined,
    document: { createElement: (tag: string) => new FakeElement(tag), getElementById: () => main },
    location: { origin: "https://chat.example", pathname },
    fetch: async () => ({ json: async () => JSON.parse(JSON.stringify(describeApi())) }),
  });
  return main;
}

test("the docs page shows its Markdown as elements, how to get a token, and an example of each operation", async () => {
  const page = await show("/chat/api/v1/docs");
  expect(page.text).not.toContain("`");
  expect(page.texts("li").length).toBeGreaterThan(0);
  expect(page.texts("code")).toContain("/auth/guest");
  const examples = page.texts("pre").filter((text) => text.includes("curl"));
  expect(examples[0]).toBe(
    `curl -X POST https://chat.example/chat/api/v1/auth/guest -H 'content-type: application/json' -d '{"name":"ada"}'`,
  );
  const operations = Object.values(describeApi().paths ?? {}).flatMap((item) => Object.keys(item));
  expect(examples.length).toBeGreaterThan(operations.length);
  expect(examples.join("\n")).toMatch(/rooms\/\{id\}\/messages' \\\n {2}-H "authorization: Bearer \$TOKEN" \\\n/);
});
