import type { ReactNode } from "react";

export interface Column<Row> {
  readonly name: string;
  /** Figures are on the right. */
  readonly isFigure?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Instead of rows, where there is none. */
  readonly none: string;
}

/** A table that scrolls sideways by itself where the window is narrow. Its first cell names the row. */
export function Table<Row>({ caption, columns, rows, keyOf, none }: Props<Row>) {
  const [first, ...others] = columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
    <section className="table-box" tabIndex={0} aria-label={caption}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, isFigure }) => (
              <th key={name} scope="col" className={isFigure ? "figure" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row">{first?.cell(row)}</th>
              {others.map(({ name, isFigure, cell }) => (
                <td key={name} className={isFigure ? "figure" : ""}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="muted table-none">{none}</p>}
    </section>
  );
}
