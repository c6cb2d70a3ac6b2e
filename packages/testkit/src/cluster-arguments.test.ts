import { expect, test } from "vitest";
import { parseClusterArguments, UsageError } from "./cluster-arguments.ts";

test("without options a cluster of two gateways opens on 8080", () => {
  const expected = { gateways: 2, writers: 2, apis: 1, port: 8080, directory: undefined };
  expect(parseClusterArguments([])).toEqual(expected);
});

test("options are taken as given", () => {
  const args = parseClusterArguments(["--gateways", "3", "--port=9090", "--data", "/tmp/kept"]);
  expect(args).toMatchObject({ gateways: 3, port: 9090, directory: "/tmp/kept" });
});

test("help is asked for, not an error", () => {
  expect(parseClusterArguments(["--help", "--gateways", "none"])).toBeNull();
});

test.each([
  [["--gateways", "0"], "--gateways must be a whole number from 1 to 64"],
  [["--port", "http"], '--port must be a whole number from 1 to 65535, not "http"'],
  [["--nodes", "3"], "--nodes"],
  [["three"], "three"],
])("%j is refused by name", (args, message) => {
  expect(() => parseClusterArguments(args)).toThrow(UsageError);
  expect(() => parseClusterArguments(args)).toThrow(message);
});
