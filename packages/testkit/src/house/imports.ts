export interface Import {
  readonly specifier: string;
  /** `import type`: gone at run time. */
  readonly isType: boolean;
}

/**
 * Where a module takes from: static, re-exporting, side-effect and dynamic imports. Formatted code has every import
 * statement at the start of a line, so text in comments and strings (indented, or behind a `*`) is not mistaken for one.
 */
export function importsOf(text: string): Import[] {
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([statement, specifier = ""]) => ({
      specifier,
      isType: /^(?:import|export) type\b/.test(statement),
    })),
  );
}

const patterns = [
  /^(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"/gm,
  /^import\s*"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"/g,
  /\brequire\(\s*"([^"]+)"/g,
];
