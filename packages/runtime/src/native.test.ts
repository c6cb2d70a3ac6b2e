import { expect, test } from "vitest";
import { nativeFault } from "./native.ts";

const platform = { node: "v22.22.0", os: "linux", arch: "x64", glibc: "2.36" };

test("the binary loads here", () => {
  expect(nativeFault()).toBeNull();
});

test("a binary that does not fit the platform is explained with what is supported, without a stack trace", () => {
  const load = () => {
    throw new Error("supports only Node 20\n\nError: /lib/libc.so.6: version `GLIBC_2.38' not found");
  };
  const fault = nativeFault(load, platform);
  expect(fault).toContain("Node v22.22.0 on linux x64 with glibc 2.36");
  expect(fault).toContain("Node 22 and 24 on Linux with glibc 2.38 or newer");
  expect(fault).toContain("GLIBC_2.38' not found");
  expect(fault).not.toMatch(/^\s+at /m);
});

test("a platform without glibc is named without one", () => {
  const load = () => {
    throw new Error("cannot find module");
  };
  expect(nativeFault(load, { ...platform, glibc: undefined })).toContain("on linux x64.");
});
