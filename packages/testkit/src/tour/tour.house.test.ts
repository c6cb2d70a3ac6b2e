import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";
import { readSteps } from "./tour.ts";

const read = (...path: readonly string[]) => readFile(join(repositoryRoot, ...path), "utf8");
const tour = await read("docs", "tour.md");
const scripts = readSteps(tour).map(({ script }) => script);
/** Rows of the table at its end: operations, why, and the tests that call them. */
const WITHOUT_STEP = /^\| (`.*`) \| [^|]* \| (.*) \|$/gm;
/** A test: its file, and how its title begins. A file without a title is found, too. */
const NAMED_TEST = /\]\(\.\.\/([^)]*)\)(?:: “([^”]*)”)?/g;
const PATH_VARIABLE = /^([A-Z]+)="(\/[^"]*)"$/gm;
const CALL = /\b(?:api ([A-Z]+)|(put|get)) ["']?((?:\$[A-Z]+)?[^\s"'?]*)/g;

/** `POST /rooms/$ROOM/join`, with the path that a variable such as `$MESSAGE` stands for. */
function calls(): string[] {
  const paths = new Map(
    scripts.flatMap((script) => [...script.matchAll(PATH_VARIABLE)].map(([, name, path]) => [name, path])),
  );
  const found = scripts.flatMap((script) => [...script.matchAll(CALL)]);
  return found.map(([, method, helper = "", path = ""]) => {
    const whole = path.replace(/^\$([A-Z]+)/, (_all, name: string) => paths.get(name) ?? "");
    return `${method ?? helper.toUpperCase()} ${whole}`;
  });
}

test("the tour calls every operation of docs/openapi.json, or names the test that does", async () => {
  const { paths }: { paths: Record<string, object> } = JSON.parse(await read("docs", "openapi.json"));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const made = calls();
  const isCalled = (operation: string) => {
    const pattern = new RegExp(`^${operation.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return made.some((call) => pattern.test(call));
  };
  const rows = [...tour.matchAll(WITHOUT_STEP)];
  const named = rows.flatMap(([, names = ""]) => [...names.matchAll(/`([^`]*)`/g)].map(([, name]) => name));
  expect(operations.filter((operation) => !isCalled(operation)).sort()).toEqual(named.sort());
  for (const [row, , tests = ""] of rows) {
    const links = [...tests.matchAll(NAMED_TEST)];
    expect(links.length, row).toBeGreaterThan(0);
    for (const [, file = "", title = "none"] of links) expect(await read(file), file).toContain(`\ntest("${title}`);
  }
});

test("the tour runs every command of hubbub --help and of hubbub admin", async () => {
  const usage = await read("packages", "cli", "src", "usage.ts");
  const admin = await read("packages", "server", "src", "admin", "arguments.ts");
  const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
  const commands = [
    ...namesIn(usage, /^ {2}hubbub ([a-z]+)/gm).map((name) => `(?:hubbub|as \\w+) ${name}`),
    ...namesIn(admin, /^ {2}"?([a-z-]+)"?: \[.*\],$/gm).map((name) => `operator admin ${name}`),
  ];
  expect(commands.length).toBeGreaterThan(40);
  const isRun = (command: string) => scripts.some((script) => new RegExp(`${command}(?![\\w-])`).test(script));
  expect(commands.filter((command) => !isRun(command))).toEqual([]);
});
